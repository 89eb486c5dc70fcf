// SPDX-License-Identifier: Apache-2.0

package plimsoll

import "fmt"

const (
	lowestMemoryLimit = 16 << 20
	// Below 25 the threads of the app do the collector's work and pools run empty between cycles.
	lowestPercent  = 25
	highestPercent = 1000
)

// Bounds is what Tune may set. The zero value is a good one: each zero field has the default it
// names. Putting a setting back to what it was when Serve was called is always allowed.
type Bounds struct {
	// GOMEMLIMIT, bytes. Default: 16 MiB, and no upper bound but the container's own memory limit,
	// which no setting may pass. With an upper bound, "off" is refused.
	MinMemoryLimit, MaxMemoryLimit int64
	// GOGC, percent, 1 to 100000. Default: 25 to 1000.
	MinGCPercent, MaxGCPercent int
	// GOGC=off. Only together with a GOMEMLIMIT, since the heap would grow without end. Default: no.
	AllowGCOff bool
}

// complete fills in the defaults and refuses what makes no sense.
func (b Bounds) complete() (Bounds, error) {
	const highestAccepted = 100000
	if b.MinMemoryLimit < 0 || b.MaxMemoryLimit < 0 {
		return b, fmt.Errorf("Bounds: MinMemoryLimit %d, MaxMemoryLimit %d: bytes are not negative", b.MinMemoryLimit, b.MaxMemoryLimit)
	}
	if b.MinGCPercent < 0 || b.MaxGCPercent < 0 || b.MinGCPercent > highestAccepted || b.MaxGCPercent > highestAccepted {
		return b, fmt.Errorf("Bounds: MinGCPercent %d, MaxGCPercent %d: allowed are 1 to %d; off is AllowGCOff", b.MinGCPercent, b.MaxGCPercent, highestAccepted)
	}
	if b.MinMemoryLimit == 0 {
		b.MinMemoryLimit = lowestMemoryLimit
	}
	if b.MinGCPercent == 0 {
		b.MinGCPercent = lowestPercent
	}
	if b.MaxGCPercent == 0 {
		b.MaxGCPercent = highestPercent
	}
	if b.MaxMemoryLimit != 0 && b.MinMemoryLimit > b.MaxMemoryLimit {
		return b, fmt.Errorf("Bounds: MinMemoryLimit %d is above MaxMemoryLimit %d", b.MinMemoryLimit, b.MaxMemoryLimit)
	}
	if b.MinGCPercent > b.MaxGCPercent {
		return b, fmt.Errorf("Bounds: MinGCPercent %d is above MaxGCPercent %d", b.MinGCPercent, b.MaxGCPercent)
	}
	return b, nil
}
