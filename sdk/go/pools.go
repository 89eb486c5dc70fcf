// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"plimsoll.dev/sdk/go/internal/pb"
)

const (
	// With names of 64 four-byte characters, 128 pools stay below the message's 64 KiB.
	maxPools    = 128
	maxPoolName = 64
	// All callbacks together; one that takes longer is left out of this message.
	poolsLimit = 50 * time.Millisecond
)

// PoolKind is what a pool holds.
type PoolKind int

// Kinds of pool.
const (
	ConnectionPool PoolKind = PoolKind(pb.Pool_CONNECTION)
	WorkerPool     PoolKind = PoolKind(pb.Pool_WORKER)
	ObjectPool     PoolKind = PoolKind(pb.Pool_OBJECT)
	BufferPool     PoolKind = PoolKind(pb.Pool_BUFFER)
	CachePool      PoolKind = PoolKind(pb.Pool_CACHE)
)

// PoolStats is what one pool says of itself. Leave out what the pool does not know.
type PoolStats struct {
	// Most it may hold; unknown also when it has no bound.
	Capacity Count
	InUse    Count
	Idle     Count
	// Most that were in use at once, as long as the pool remembers.
	InUsePeak Count
	// Callers waiting now.
	Pending Count
	// Since the process started; they only grow.
	Acquires Count
	Waits    Count
	// Time spent waiting, in all; sent only where Waits is known.
	WaitTotal time.Duration
	// Mean size of an item, bytes.
	ItemBytes Count
}

// RegisterPool makes stats part of every message, under a name of 1 to 64 characters that no other
// pool of the process has. stats is called from another goroutine, at most once at a time, each time
// somebody asks; it should return within milliseconds. When it panics or hangs, the pool is missing
// from the message and nothing else happens. remove takes the pool out again; it is never nil.
func RegisterPool(name string, kind PoolKind, stats func() PoolStats) (remove func(), err error) {
	return pools.register(name, kind, stats)
}

// DB is a database/sql.DB, or whatever counts as it does.
type DB interface{ Stats() sql.DBStats }

// RegisterDB registers a database/sql connection pool.
func RegisterDB(name string, db DB) (remove func(), err error) {
	if db == nil {
		return func() {}, fmt.Errorf("plimsoll: pool %q: no database", name)
	}
	return RegisterPool(name, ConnectionPool, func() PoolStats {
		s := db.Stats()
		stats := PoolStats{
			InUse: Known(s.InUse), Idle: Known(s.Idle),
			Waits: Known(s.WaitCount), WaitTotal: s.WaitDuration,
		}
		if s.MaxOpenConnections > 0 { // 0 there: no bound.
			stats.Capacity = Known(s.MaxOpenConnections)
		}
		return stats
	})
}

// pools are those of the process, whichever server asks.
var pools registry

type registry struct {
	mu      sync.Mutex
	entries []*poolEntry
}

type poolEntry struct {
	name  string
	kind  PoolKind
	stats func() PoolStats
	// A callback that hangs is not called again until it has returned.
	busy atomic.Bool
	// A failure is logged once.
	blamed atomic.Bool
}

func (r *registry) register(name string, kind PoolKind, stats func() PoolStats) (func(), error) {
	nothing := func() {}
	if err := checkPoolName(name); err != nil {
		return nothing, err
	}
	if kind < ConnectionPool || kind > CachePool {
		return nothing, fmt.Errorf("plimsoll: pool %q: no kind of pool has the number %d", name, kind)
	}
	if stats == nil {
		return nothing, fmt.Errorf("plimsoll: pool %q: stats is nil", name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.entries) >= maxPools {
		return nothing, fmt.Errorf("plimsoll: pool %q: a process has at most %d pools", name, maxPools)
	}
	for _, entry := range r.entries {
		if entry.name == name {
			return nothing, fmt.Errorf("plimsoll: pool %q: the name is taken; each pool needs its own", name)
		}
	}
	added := &poolEntry{name: name, kind: kind, stats: stats}
	r.entries = append(r.entries, added)
	return func() { r.remove(added) }, nil
}

func checkPoolName(name string) error {
	if !utf8.ValidString(name) {
		return fmt.Errorf("plimsoll: pool %q: the name is not UTF-8", name)
	}
	if n := utf8.RuneCountInString(name); n == 0 || n > maxPoolName {
		return fmt.Errorf("plimsoll: pool %q: the name has %d characters, allowed are 1 to %d", name, n, maxPoolName)
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("plimsoll: pool %q: the name has a character that cannot be printed", name)
		}
	}
	return nil
}

func (r *registry) remove(gone *poolEntry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, entry := range r.entries {
		if entry == gone {
			r.entries = append(r.entries[:i:i], r.entries[i+1:]...)
			return
		}
	}
}

// collect asks every pool, in order of registration. blame is told, once a pool, why one is missing.
func (r *registry) collect(limit time.Duration, blame func(pool, reason string)) []*pb.Pool {
	r.mu.Lock()
	entries := r.entries[:len(r.entries):len(r.entries)]
	r.mu.Unlock()
	answers := make([]chan poolAnswer, len(entries))
	for i, entry := range entries {
		answers[i] = entry.ask()
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	late := false
	collected := make([]*pb.Pool, 0, len(entries))
	for i, entry := range entries {
		answer := poolAnswer{reason: "it did not answer in time"}
		if late || answers[i] == nil {
			select {
			case answer = <-answers[i]:
			default:
			}
		} else {
			select {
			case answer = <-answers[i]:
			case <-timer.C:
				late = true
			}
		}
		if answer.reason == "" {
			collected = append(collected, entry.message(answer.stats))
		} else if !entry.blamed.Swap(true) {
			blame(entry.name, answer.reason)
		}
	}
	return collected
}

type poolAnswer struct {
	stats PoolStats
	// Why there are no stats; empty: there are.
	reason string
}

// ask calls the pool's callback in a goroutine of its own; nil while an earlier call has not come
// back.
func (e *poolEntry) ask() chan poolAnswer {
	if e.busy.Swap(true) {
		return nil
	}
	answers := make(chan poolAnswer, 1)
	go func() {
		// Also what remains true when the callback ends its goroutine with runtime.Goexit.
		answer := poolAnswer{reason: "its callback did not return"}
		defer func() {
			if reason := recover(); reason != nil {
				answer.reason = fmt.Sprintf("its callback panicked: %v", reason)
			}
			e.busy.Store(false)
			answers <- answer
		}()
		stats := e.stats()
		answer = poolAnswer{stats: stats}
	}()
	return answers
}

func (e *poolEntry) message(s PoolStats) *pb.Pool {
	pool := &pb.Pool{
		Name:           e.name,
		Kind:           pb.Pool_Kind(e.kind),
		Capacity:       s.Capacity.field(),
		InUse:          s.InUse.field(),
		Idle:           s.Idle.field(),
		InUsePeak:      s.InUsePeak.field(),
		Pending:        s.Pending.field(),
		AcquiresTotal:  s.Acquires.field(),
		WaitCountTotal: s.Waits.field(),
		ItemBytesAvg:   s.ItemBytes.field(),
	}
	if s.Waits.known && s.WaitTotal >= 0 {
		seconds := s.WaitTotal.Seconds()
		pool.WaitSecondsTotal = &seconds
	}
	return pool
}
