// SPDX-License-Identifier: Apache-2.0

package held

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// residentMiB is what the kernel counts for this process.
func residentMiB(t *testing.T) int {
	t.Helper()
	content, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(content))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() / MiB
}

func TestMemory_IsReallyThere(t *testing.T) {
	var memory Memory
	before := residentMiB(t)
	if err := memory.GrowTo(context.Background(), 64, 1000); err != nil {
		t.Fatal(err)
	}
	grown := residentMiB(t) - before
	if memory.MiB() != 64 || grown < 62 || grown > 70 {
		t.Errorf("64 MiB were taken, %d are held, the kernel counts %d more", memory.MiB(), grown)
	}
	if err := memory.ShrinkTo(8); err != nil {
		t.Fatal(err)
	}
	if left := residentMiB(t) - before; memory.MiB() != 8 || left > 14 {
		t.Errorf("8 MiB should be left, %d are held, the kernel counts %d more", memory.MiB(), left)
	}
}

func TestMemory_StopsGrowingWhenAsked(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	var memory Memory
	if err := memory.GrowTo(ctx, 1<<20, 10); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if memory.MiB() == 0 || memory.MiB() > 1000 {
		t.Errorf("%d MiB after a moment at 10 a second", memory.MiB())
	}
	_ = memory.ShrinkTo(0)
}
