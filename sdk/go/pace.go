// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"sync"
	"time"
)

// pace allows one call in every interval and refuses the others.
type pace struct {
	every time.Duration

	mu   sync.Mutex
	last time.Time
}

func (p *pace) allow(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.last.IsZero() && now.Sub(p.last) < p.every {
		return false
	}
	p.last = now
	return true
}
