// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"runtime/metrics"

	"plimsoll.dev/sdk/go/internal/pb"
)

// A reading is what runtime/metrics says at one moment. What this version of Go does not have is
// absent.
type reading struct {
	samples [numMetrics]metrics.Sample
}

// The agent refuses an amount above it.
const mostGoal = 1 << 60

type metric int

const (
	heapLive metric = iota
	heapGoal
	heapObjects
	heapAllocsBytes
	heapAllocsObjects
	scanTotal
	cyclesTotal
	cyclesForced
	lastLimiterCycle
	gogc
	gomemlimit
	cpuGCTotal
	cpuGCAssist
	cpuGCIdle
	memoryTotal
	memoryHeapObjects
	memoryHeapUnused
	memoryHeapFree
	memoryHeapReleased
	memoryStacks
	memoryOSStacks
	memoryMCacheFree
	memoryMCacheInUse
	memoryMSpanFree
	memoryMSpanInUse
	memoryMetadataOther
	memoryProfiler
	memoryOther
	goroutines
	gomaxprocs
	numMetrics
)

var metricNames = [numMetrics]string{
	heapLive:            "/gc/heap/live:bytes",
	heapGoal:            "/gc/heap/goal:bytes",
	heapObjects:         "/gc/heap/objects:objects",
	heapAllocsBytes:     "/gc/heap/allocs:bytes",
	heapAllocsObjects:   "/gc/heap/allocs:objects",
	scanTotal:           "/gc/scan/total:bytes",
	cyclesTotal:         "/gc/cycles/total:gc-cycles",
	cyclesForced:        "/gc/cycles/forced:gc-cycles",
	lastLimiterCycle:    "/gc/limiter/last-enabled:gc-cycle",
	gogc:                "/gc/gogc:percent",
	gomemlimit:          "/gc/gomemlimit:bytes",
	cpuGCTotal:          "/cpu/classes/gc/total:cpu-seconds",
	cpuGCAssist:         "/cpu/classes/gc/mark/assist:cpu-seconds",
	cpuGCIdle:           "/cpu/classes/gc/mark/idle:cpu-seconds",
	memoryTotal:         "/memory/classes/total:bytes",
	memoryHeapObjects:   "/memory/classes/heap/objects:bytes",
	memoryHeapUnused:    "/memory/classes/heap/unused:bytes",
	memoryHeapFree:      "/memory/classes/heap/free:bytes",
	memoryHeapReleased:  "/memory/classes/heap/released:bytes",
	memoryStacks:        "/memory/classes/heap/stacks:bytes",
	memoryOSStacks:      "/memory/classes/os-stacks:bytes",
	memoryMCacheFree:    "/memory/classes/metadata/mcache/free:bytes",
	memoryMCacheInUse:   "/memory/classes/metadata/mcache/inuse:bytes",
	memoryMSpanFree:     "/memory/classes/metadata/mspan/free:bytes",
	memoryMSpanInUse:    "/memory/classes/metadata/mspan/inuse:bytes",
	memoryMetadataOther: "/memory/classes/metadata/other:bytes",
	memoryProfiler:      "/memory/classes/profiling/buckets:bytes",
	memoryOther:         "/memory/classes/other:bytes",
	goroutines:          "/sched/goroutines:goroutines",
	gomaxprocs:          "/sched/gomaxprocs:threads",
}

// read takes a reading. It stops no goroutine and costs some microseconds.
func read() *reading {
	r := &reading{}
	for i, name := range metricNames {
		r.samples[i].Name = name
	}
	metrics.Read(r.samples[:])
	return r
}

// readWithinCycle takes a reading during which no collection ended, so that the live set belongs to
// the cycle that was counted. ok is false when collections came too fast for that.
func readWithinCycle() (r *reading, ok bool) {
	for try := 0; try < 5; try++ {
		r = read()
		after := []metrics.Sample{{Name: metricNames[cyclesTotal]}}
		metrics.Read(after)
		if after[0].Value.Kind() != metrics.KindUint64 || r.count(cyclesTotal) == nil {
			return r, false
		}
		if after[0].Value.Uint64() == *r.count(cyclesTotal) {
			return r, true
		}
	}
	return r, false
}

func (r *reading) count(m metric) *uint64 {
	if r.samples[m].Value.Kind() != metrics.KindUint64 {
		return nil
	}
	value := r.samples[m].Value.Uint64()
	return &value
}

func (r *reading) seconds(m metric) *float64 {
	if r.samples[m].Value.Kind() != metrics.KindFloat64 {
		return nil
	}
	value := r.samples[m].Value.Float64()
	return &value
}

// sum adds counts; absent when one of them is.
func (r *reading) sum(of ...metric) *uint64 {
	total := uint64(0)
	for _, m := range of {
		value := r.count(m)
		if value == nil {
			return nil
		}
		total += *value
	}
	return &total
}

// difference is from − what; absent when one of them is, or when the runtime's figures, which are not
// all of the same instant, would make it negative.
func difference[T uint64 | float64](from, what *T) *T {
	if from == nil || what == nil || *what > *from {
		return nil
	}
	value := *from - *what
	return &value
}

// footprint is all that the runtime has mapped and not released: what GOMEMLIMIT bounds.
func (r *reading) footprint() *uint64 {
	return difference(r.count(memoryTotal), r.count(memoryHeapReleased))
}

// goal is absent where no collection comes by itself: with GOGC=off and no GOMEMLIMIT the runtime says
// what is left of 2^63, an amount that nobody would believe.
func (r *reading) goal() *uint64 {
	if goal := r.count(heapGoal); goal != nil && *goal <= mostGoal {
		return goal
	}
	return nil
}

func (r *reading) collected() bool {
	cycles := r.count(cyclesTotal)
	return cycles != nil && *cycles > 0
}

func (r *reading) heap(withinCycle bool) *pb.Heap {
	heap := &pb.Heap{
		Used:      r.count(memoryHeapObjects),
		Goal:      r.goal(),
		Committed: r.sum(memoryHeapObjects, memoryHeapUnused, memoryHeapFree),
		Free:      r.count(memoryHeapFree),
		Released:  r.count(memoryHeapReleased),
		Objects:   r.count(heapObjects),
	}
	if limit := r.count(gomemlimit); limit != nil && *limit != noMemoryLimit {
		heap.SoftLimit = limit
	}
	// Before the first collection the runtime says 0 for what it does not know.
	if r.collected() {
		heap.ScanTotal = r.count(scanTotal)
		heap.Live = r.count(heapLive)
		if withinCycle && heap.Live != nil {
			heap.LiveAtGc = r.count(cyclesTotal)
		}
	}
	return heap
}

func (r *reading) nonHeap() []*pb.NonHeap {
	parts := []struct {
		category        pb.NonHeap_Category
		used, committed *uint64
	}{
		{pb.NonHeap_STACKS, r.sum(memoryStacks, memoryOSStacks), r.sum(memoryStacks, memoryOSStacks)},
		{pb.NonHeap_RUNTIME_META, r.sum(memoryMCacheInUse, memoryMSpanInUse, memoryMetadataOther),
			r.sum(memoryMCacheInUse, memoryMCacheFree, memoryMSpanInUse, memoryMSpanFree, memoryMetadataOther)},
		{pb.NonHeap_PROFILER, r.count(memoryProfiler), r.count(memoryProfiler)},
		{pb.NonHeap_OTHER, r.count(memoryOther), r.count(memoryOther)},
	}
	nonHeap := make([]*pb.NonHeap, 0, len(parts))
	for _, part := range parts {
		if part.committed != nil {
			nonHeap = append(nonHeap, &pb.NonHeap{Category: part.category, Used: part.used, Committed: part.committed})
		}
	}
	return nonHeap
}

func (r *reading) gc(pauseSeconds float64) *pb.Gc {
	return &pb.Gc{
		CyclesTotal:           r.count(cyclesTotal),
		ForcedCyclesTotal:     r.count(cyclesForced),
		CpuSecondsTotal:       difference(r.seconds(cpuGCTotal), r.seconds(cpuGCIdle)),
		AssistCpuSecondsTotal: r.seconds(cpuGCAssist),
		IdleCpuSecondsTotal:   r.seconds(cpuGCIdle),
		PauseSecondsTotal:     &pauseSeconds,
		LastLimiterCycle:      r.count(lastLimiterCycle),
		CpuIsEstimate:         true, // As runtime/metrics says of all of /cpu/classes.
	}
}
