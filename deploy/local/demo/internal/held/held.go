// SPDX-License-Identifier: Apache-2.0

// Package held takes memory that is really there: outside Go's heap, so that no collector and no
// GOMEMLIMIT plays a part, and every page written to, so that the kernel counts it.
package held

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// MiB is 2^20 bytes.
const MiB = 1 << 20

const tick = 50 * time.Millisecond

// Memory is a growing and shrinking amount of memory.
type Memory struct {
	pieces [][]byte // Of 1 MiB each.
}

// MiB is how much is held, in MiB.
func (m *Memory) MiB() int { return len(m.pieces) }

// GrowTo takes memory at a rate of perSecond MiB until target MiB are held, or ctx ends.
func (m *Memory) GrowTo(ctx context.Context, target, perSecond int) error {
	start, began := m.MiB(), time.Now()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for m.MiB() < target {
		due := start + int(time.Since(began).Seconds()*float64(perSecond)) + 1
		for m.MiB() < min(due, target) {
			if err := m.take(); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}

func (m *Memory) take() error {
	piece, err := syscall.Mmap(-1, 0, MiB, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return fmt.Errorf("no more memory at %d MiB: %w", m.MiB(), err)
	}
	for page := 0; page < len(piece); page += os.Getpagesize() {
		piece[page] = 1
	}
	m.pieces = append(m.pieces, piece)
	return nil
}

// ShrinkTo gives back what is held above target MiB.
func (m *Memory) ShrinkTo(target int) error {
	for m.MiB() > target {
		last := m.MiB() - 1
		if err := syscall.Munmap(m.pieces[last]); err != nil {
			return fmt.Errorf("cannot give memory back: %w", err)
		}
		m.pieces = m.pieces[:last]
	}
	return nil
}

// Setting reads a positive whole number from the environment; fallback when it is not set. Anything
// else ends the program, naming the variable.
func Setting(name string, fallback int) int {
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	number, err := strconv.Atoi(text)
	if err != nil || number <= 0 {
		fmt.Fprintf(os.Stderr, "%s=%q: must be a positive whole number\n", name, text)
		os.Exit(2)
	}
	return number
}
