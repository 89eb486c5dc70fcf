// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"sync/atomic"
	"time"

	plimsoll "plimsoll.dev/sdk/go"
)

// terminals is a pool of a fixed size, whose customers wait when all are in use.
type terminals struct {
	free     chan struct{}
	pending  atomic.Int64
	acquires atomic.Int64
	waits    atomic.Int64
	waited   atomic.Int64 // Nanoseconds.
}

func newTerminals(count int) *terminals {
	t := &terminals{free: make(chan struct{}, count)}
	for range count {
		t.free <- struct{}{}
	}
	return t
}

// pay holds a terminal for a while.
func (t *terminals) pay(ctx context.Context, duration time.Duration) error {
	select {
	case <-t.free:
	default:
		if err := t.wait(ctx); err != nil {
			return err
		}
	}
	t.acquires.Add(1)
	time.Sleep(duration)
	t.free <- struct{}{}
	return nil
}

func (t *terminals) wait(ctx context.Context) error {
	began := time.Now()
	t.pending.Add(1)
	defer func() {
		t.pending.Add(-1)
		t.waits.Add(1)
		t.waited.Add(int64(time.Since(began)))
	}()
	select {
	case <-t.free:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *terminals) stats() plimsoll.PoolStats {
	idle := len(t.free)
	return plimsoll.PoolStats{
		Capacity: plimsoll.Known(cap(t.free)), InUse: plimsoll.Known(cap(t.free) - idle), Idle: plimsoll.Known(idle),
		Pending: plimsoll.Known(t.pending.Load()), Acquires: plimsoll.Known(t.acquires.Load()),
		Waits: plimsoll.Known(t.waits.Load()), WaitTotal: time.Duration(t.waited.Load()),
	}
}
