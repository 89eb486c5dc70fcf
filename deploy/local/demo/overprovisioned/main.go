// SPDX-License-Identifier: Apache-2.0

// Overprovisioned uses an eighth of what it reserves: between LOW_MIB and HIGH_MIB, up and down once
// in two minutes, as a small service does.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"plimsoll.dev/demo/internal/held"
)

const (
	halfPeriod = time.Minute
	perSecond  = 2 // MiB
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	low, high := held.Setting("LOW_MIB", 20), held.Setting("HIGH_MIB", 28)
	if err := run(ctx, low, high); err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, low, high int) error {
	var memory held.Memory
	for {
		if err := memory.GrowTo(ctx, high, perSecond); err != nil {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
		if err := memory.ShrinkTo(low); err != nil {
			return err
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(halfPeriod):
		return nil
	}
}
