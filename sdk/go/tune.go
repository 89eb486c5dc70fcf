// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"math"
	"runtime/debug"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"plimsoll.dev/sdk/go/internal/pb"
)

const (
	maxSettings = 16
	// Setting GOGC stops the world for a moment; nobody needs it oftener than this.
	tuneEvery = time.Second
	// What a limit has to leave above the live set: the heap the runtime keeps for itself (mgcpacer).
	limitHeadroom = 1 << 20
)

// settings are the two knobs that can be turned: GOMEMLIMIT in bytes (noMemoryLimit: off) and GOGC in
// percent (-1: off).
type settings struct {
	memoryLimit int64
	gcPercent   int64
}

// tuner changes the settings of this process within bounds.
type tuner struct {
	bounds Bounds
	// In force when Serve was called: always allowed again.
	start settings

	mu   sync.Mutex
	pace pace
}

func newTuner(bounds Bounds) *tuner {
	return &tuner{bounds: bounds, start: currentSettings(read()), pace: pace{every: tuneEvery}}
}

func currentSettings(r *reading) settings {
	current := settings{memoryLimit: debug.SetMemoryLimit(-1), gcPercent: defaultPercent}
	if percent := r.gcPercent(); percent != nil {
		current.gcPercent = *percent
	}
	return current
}

// tune checks every setting before it touches one, applies them in the order given, and returns the
// knobs read back from the runtime.
func (t *tuner) tune(request *pb.TuneRequest, containerLimit *uint64) ([]*pb.Knob, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := read()
	before := currentSettings(now)
	wanted, err := t.check(request.GetSettings(), before, now, containerLimit)
	if err != nil {
		return nil, err
	}
	if !t.pace.allow(time.Now()) {
		return nil, status.Errorf(codes.ResourceExhausted, "tuned less than %v ago; wait that long", tuneEvery)
	}
	done := false
	defer func() {
		if !done { // A panic on the way: none rather than half.
			debug.SetMemoryLimit(before.memoryLimit)
			debug.SetGCPercent(int(before.gcPercent))
		}
	}()
	for _, setting := range request.GetSettings() {
		switch setting.GetName() {
		case memoryLimitKnob:
			debug.SetMemoryLimit(wanted.memoryLimit)
		case percentKnob:
			debug.SetGCPercent(int(wanted.gcPercent))
		}
	}
	done = true
	return read().knobs(), nil
}

// check turns a request into the settings that would be in force after it, or refuses all of it.
func (t *tuner) check(list []*pb.Setting, before settings, now *reading, containerLimit *uint64) (settings, error) {
	if len(list) == 0 || len(list) > maxSettings {
		return before, status.Errorf(codes.InvalidArgument, "settings: %d of them; 1 to %d are allowed", len(list), maxSettings)
	}
	wanted := before
	seen := map[string]bool{}
	for _, setting := range list {
		name := setting.GetName()
		if seen[name] {
			return before, status.Errorf(codes.InvalidArgument, "%q: set twice in one call", name)
		}
		seen[name] = true
		var err error
		switch name {
		case memoryLimitKnob:
			wanted.memoryLimit, err = t.checkMemoryLimit(setting.GetNumber(), containerLimit)
		case percentKnob:
			wanted.gcPercent, err = t.checkPercent(setting.GetNumber())
		default:
			err = status.Errorf(codes.InvalidArgument, "%.64q: not a setting of this process; there are %s and %s", name, memoryLimitKnob, percentKnob)
		}
		if err != nil {
			return before, err
		}
	}
	return wanted, t.checkTogether(wanted, seen[memoryLimitKnob], now)
}

func (t *tuner) checkMemoryLimit(number float64, containerLimit *uint64) (int64, error) {
	if number == -1 {
		if t.bounds.MaxMemoryLimit != 0 && t.start.memoryLimit != noMemoryLimit {
			return 0, status.Errorf(codes.InvalidArgument, "%s: off, but the app allows at most %d bytes", memoryLimitKnob, t.bounds.MaxMemoryLimit)
		}
		return noMemoryLimit, nil
	}
	// Above 2^53 a double skips integers; no container comes near.
	if math.IsNaN(number) || number < 0 || number > 1<<53 || number != math.Trunc(number) {
		return 0, status.Errorf(codes.InvalidArgument, "%s: %g is not a whole number of bytes (-1: off)", memoryLimitKnob, number)
	}
	limit := int64(number)
	if limit == t.start.memoryLimit {
		return limit, nil
	}
	if limit < t.bounds.MinMemoryLimit {
		return 0, status.Errorf(codes.InvalidArgument, "%s: %d bytes, but the app allows no less than %d", memoryLimitKnob, limit, t.bounds.MinMemoryLimit)
	}
	if t.bounds.MaxMemoryLimit != 0 && limit > t.bounds.MaxMemoryLimit {
		return 0, status.Errorf(codes.InvalidArgument, "%s: %d bytes, but the app allows at most %d", memoryLimitKnob, limit, t.bounds.MaxMemoryLimit)
	}
	if containerLimit != nil && uint64(limit) > *containerLimit {
		return 0, status.Errorf(codes.FailedPrecondition, "%s: %d bytes is above the container's limit of %d; raise that first", memoryLimitKnob, limit, *containerLimit)
	}
	return limit, nil
}

func (t *tuner) checkPercent(number float64) (int64, error) {
	if math.IsNaN(number) || number != math.Trunc(number) || number < -1 || number > math.MaxInt32 {
		return 0, status.Errorf(codes.InvalidArgument, "%s: %g is not a whole number of percent (-1: off)", percentKnob, number)
	}
	percent := int64(number)
	if percent == t.start.gcPercent {
		return percent, nil
	}
	if percent == -1 {
		if !t.bounds.AllowGCOff {
			return 0, status.Errorf(codes.InvalidArgument, "%s: off, which the app does not allow", percentKnob)
		}
		return percent, nil
	}
	if percent < int64(t.bounds.MinGCPercent) || percent > int64(t.bounds.MaxGCPercent) {
		return 0, status.Errorf(codes.InvalidArgument, "%s: %d percent, but the app allows %d to %d", percentKnob, percent, t.bounds.MinGCPercent, t.bounds.MaxGCPercent)
	}
	return percent, nil
}

// checkTogether refuses what each setting alone does not show: a heap without any bound, and a limit
// so near the live set that the process would do nothing but collect.
func (t *tuner) checkTogether(wanted settings, limitIsSet bool, now *reading) error {
	if wanted == t.start {
		return nil
	}
	if wanted.gcPercent == -1 && wanted.memoryLimit == noMemoryLimit {
		return status.Errorf(codes.FailedPrecondition, "%s: off without a %s, so nothing would ever be collected; set one in the same call", percentKnob, memoryLimitKnob)
	}
	if !limitIsSet || wanted.memoryLimit == t.start.memoryLimit {
		return nil
	}
	if floor := now.incompressible(); floor != nil && uint64(wanted.memoryLimit) < *floor {
		return status.Errorf(codes.FailedPrecondition, "%s: %d bytes, but live heap and runtime need %d now; it would collect without end", memoryLimitKnob, wanted.memoryLimit, *floor)
	}
	return nil
}

// incompressible is what no collection can give back: the live set (before the first collection all
// of the heap in use, as far as is known) and everything of the runtime outside the heap.
// Example: live 40 MiB, footprint 70 MiB of which 45 in use and 15 free: 40 + (70 − 45 − 15) + 1 = 51.
func (r *reading) incompressible() *uint64 {
	live := r.count(memoryHeapObjects)
	if r.collected() {
		live = r.count(heapLive)
	}
	outside := difference(r.footprint(), r.sum(memoryHeapObjects, memoryHeapFree))
	if live == nil || outside == nil {
		return nil
	}
	total := *live + *outside + limitHeadroom
	return &total
}
