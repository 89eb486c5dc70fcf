// SPDX-License-Identifier: Apache-2.0

// Child-killed is a small supervisor (process 1 of its container) with a worker that needs more memory
// than the container has. The kernel kills the worker, the supervisor lives and starts another: the
// pod's status shows nothing of it.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"plimsoll.dev/demo/internal/held"
)

const (
	worker   = "worker"
	workFor  = 20 * time.Second
	restMore = 10 * time.Second
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	var err error
	if len(os.Args) > 1 && os.Args[1] == worker {
		err = work(ctx)
	} else {
		err = supervise(ctx)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("ended", "error", err)
		os.Exit(1)
	}
}

func work(ctx context.Context) error {
	var memory held.Memory
	if err := memory.GrowTo(ctx, held.Setting("NEED_MIB", 96), held.Setting("RATE_MIB", 16)); err != nil {
		return err
	}
	return sleep(ctx, workFor)
}

func supervise(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	for run := 1; ; run++ {
		child := exec.CommandContext(ctx, self, worker)
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		err := child.Run()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		status, _ := child.ProcessState.Sys().(syscall.WaitStatus)
		switch {
		case status.Signaled() && status.Signal() == syscall.SIGKILL:
			slog.Warn("the worker was killed", "run", run)
		case err != nil:
			slog.Error("the worker failed", "run", run, "error", err)
		default:
			slog.Info("the worker has done its work", "run", run)
		}
		if err := sleep(ctx, restMore); err != nil {
			return err
		}
	}
}

func sleep(ctx context.Context, duration time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(duration):
		return nil
	}
}
