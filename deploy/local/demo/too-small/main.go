// SPDX-License-Identifier: Apache-2.0

// Too-small needs NEED_MIB of memory and takes it at RATE_MIB a second. Its manifest gives it less, so
// the kernel kills it, the kubelet starts it again, and so on until somebody raises the limit.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"plimsoll.dev/demo/internal/held"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	need, rate := held.Setting("NEED_MIB", 160), held.Setting("RATE_MIB", 16)
	var memory held.Memory
	slog.Info("starting", "need_mib", need, "mib_per_second", rate)
	if err := memory.GrowTo(ctx, need, rate); err != nil {
		if errors.Is(err, context.Canceled) {
			return
		}
		slog.Error("ended", "error", err)
		os.Exit(1)
	}
	slog.Info("alive with all it needs", "mib", memory.MiB())
	<-ctx.Done()
}
