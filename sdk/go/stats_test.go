// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"plimsoll.dev/sdk/go/internal/pb"
)

func knob(t testing.TB, knobs []*pb.Knob, name string) *pb.Knob {
	t.Helper()
	for _, knob := range knobs {
		if knob.GetName() == name {
			return knob
		}
	}
	t.Fatalf("no knob %s in %v", name, knobs)
	return nil
}

func TestStats_FollowTheHeap(t *testing.T) {
	_, path := serve(t)
	client := dial(t, "unix", path)
	runtime.GC()
	before := getStats(t, client)
	held := make([]byte, 64<<20)
	runtime.GC()
	after := getStats(t, client)
	runtime.KeepAlive(held)

	grown := int64(after.Heap.GetLive()) - int64(before.Heap.GetLive())
	if grown < 60<<20 || grown > 72<<20 {
		t.Errorf("64 MiB more are live, the live set says %d bytes", grown)
	}
	if after.Heap.GetLiveAtGc() <= before.Heap.GetLiveAtGc() || after.Heap.GetLiveAtGc() != after.Gc.GetCyclesTotal() {
		t.Errorf("live is of GC %d after one of %d, and %d have been", after.Heap.GetLiveAtGc(), before.Heap.GetLiveAtGc(), after.Gc.GetCyclesTotal())
	}
	if after.Gc.GetForcedCyclesTotal() <= before.Gc.GetForcedCyclesTotal() {
		t.Error("a forced collection was not counted")
	}
	if d := after.Allocation.GetBytesTotal() - before.Allocation.GetBytesTotal(); d < 64<<20 {
		t.Errorf("64 MiB were allocated, the counter grew by %d", d)
	}
	if after.Gc.GetCpuSecondsTotal() < before.Gc.GetCpuSecondsTotal() || after.Gc.GetPauseSecondsTotal() <= before.Gc.GetPauseSecondsTotal() {
		t.Error("a cumulative counter fell")
	}
	heap := after.Heap
	if heap.GetUsed() < 64<<20 || heap.GetCommitted() < heap.GetUsed() || after.Allocation.GetRuntimeTotal() < heap.GetUsed() {
		t.Errorf("64 MiB <= used <= committed, used <= footprint does not hold: %v, footprint %d", heap, after.Allocation.GetRuntimeTotal())
	}
	if heap.ScanTotal == nil || heap.Goal == nil || heap.Objects == nil || len(after.NonHeap) != 4 {
		t.Errorf("fields are missing: %v", after)
	}
}

func TestStats_SayWhoSpeaks(t *testing.T) {
	_, path := serve(t)
	client := dial(t, "unix", path)
	first, second := getStats(t, client), getStats(t, client)
	if first.GetSeq() != 1 || second.GetSeq() != 2 {
		t.Errorf("sequence numbers %d, %d", first.GetSeq(), second.GetSeq())
	}
	if first.GetStartTimeUnixNano() != second.GetStartTimeUnixNano() || first.GetStartTimeUnixNano() == 0 {
		t.Error("the start time moved")
	}
	if first.GetSampleTimeUnixNano() >= second.GetSampleTimeUnixNano() || first.GetSampleTimeUnixNano() < first.GetStartTimeUnixNano() {
		t.Error("the sample times are not in order")
	}
	if first.GetRuntime() != pb.AllocatorStats_GO || first.GetRuntimeVersion() != runtime.Version() || first.GetPid() != int32(os.Getpid()) {
		t.Errorf("who: %v", first)
	}
	if first.GetLimits().GetProcessors() != float64(runtime.GOMAXPROCS(0)) {
		t.Errorf("processors %v", first.GetLimits().GetProcessors())
	}
	if first.GetConcurrency().GetGoroutines() < 2 || first.GetConcurrency().GetThreads() < 2 {
		t.Errorf("concurrency %v", first.GetConcurrency())
	}
}

func TestStats_AbsentIsNotZero(t *testing.T) {
	keepSettings(t)
	_, path := serve(t)
	client := dial(t, "unix", path)
	stats := getStats(t, client)
	if stats.Heap.SoftLimit != nil || stats.Heap.HardLimit != nil || stats.Allocation.PromotedBytesTotal != nil {
		t.Errorf("Go has no such value now: %v %v", stats.Heap, stats.Allocation)
	}
	limit := knob(t, stats.Knobs, "GOMEMLIMIT")
	if limit.Number != nil || limit.GetValue() != "off" {
		t.Errorf("no limit is set, the knob says %v", limit)
	}
	if stats.Heap.Goal == nil {
		t.Error("no goal, and there is one")
	}
	debug.SetGCPercent(-1)
	if stats = getStats(t, client); stats.Heap.Goal != nil {
		t.Errorf("without GOGC and GOMEMLIMIT no collection comes by itself, and the goal is %d", *stats.Heap.Goal)
	}
	debug.SetMemoryLimit(460 << 20)
	stats = getStats(t, client)
	if stats.Heap.GetSoftLimit() != 460<<20 {
		t.Errorf("soft limit %v", stats.Heap.SoftLimit)
	}
	limit = knob(t, stats.Knobs, "GOMEMLIMIT")
	if limit.GetNumber() != 460<<20 || limit.GetValue() != "460MiB" || limit.GetSource() != pb.Knob_API {
		t.Errorf("the knob says %v", limit)
	}
	if percent := knob(t, stats.Knobs, "GOGC"); percent.Number != nil || percent.GetValue() != "off" || percent.GetSource() != pb.Knob_API {
		t.Errorf("the knob says %v", percent)
	}
}

func TestStats_UnknownMetricsStayAbsent(t *testing.T) {
	if heap := read().heap(false); heap.LiveAtGc != nil {
		t.Error("a live set whose collection is not known names one")
	}
	empty := &reading{} // A version of Go that knows none of the names.
	onlyPause := &pb.Gc{PauseSecondsTotal: proto.Float64(0), CpuIsEstimate: true}
	if !proto.Equal(empty.heap(true), &pb.Heap{}) || !proto.Equal(empty.gc(0), onlyPause) {
		t.Errorf("unknown metrics were sent: %v %v", empty.heap(true), empty.gc(0))
	}
	if len(empty.nonHeap()) != 0 || len(empty.knobs()) != 0 || empty.footprint() != nil || empty.incompressible() != nil {
		t.Error("unknown metrics became numbers")
	}
}

func TestStats_AskedTooOften(t *testing.T) {
	_, path := serve(t)
	client := dial(t, "unix", path)
	refused, answered := 0, uint64(0)
	// On a busy machine a call takes longer than the pace: asked until two fall within it.
	for deadline := time.Now().Add(time.Minute); refused == 0 && time.Now().Before(deadline); {
		for range 20 {
			if _, err := client.GetStats(within(t), &pb.GetStatsRequest{}); status.Code(err) == codes.ResourceExhausted {
				refused++
			} else {
				answered++
			}
		}
	}
	if refused == 0 {
		t.Error("all calls in a row were answered")
	}
	if stats := getStats(t, client); stats.GetSeq() > answered+1 {
		t.Errorf("refused calls used sequence numbers: %d after %d answers", stats.GetSeq(), answered)
	}
}

func TestStats_MessageStaysSmall(t *testing.T) {
	if size := proto.Size(snapshot(nil)); size > 4<<10 {
		t.Errorf("%d bytes without pools", size)
	}
	r := &registry{}
	all := Known(uint64(math.MaxUint64))
	for i := range maxPools {
		name := fmt.Sprintf("%03d%s", i, strings.Repeat("\U00010348", maxPoolName-3))
		if _, err := r.register(name, CachePool, func() PoolStats {
			return PoolStats{all, all, all, all, all, all, all, math.MaxInt64, all}
		}); err != nil {
			t.Fatal(err)
		}
	}
	pools := r.collect(10*time.Second, func(pool, reason string) { t.Errorf("%s: %s", pool, reason) })
	if size := proto.Size(snapshot(pools)); len(pools) != maxPools || size > maxMessageBytes {
		t.Errorf("%d pools in %d bytes", len(pools), size)
	}
}

func TestKnobs_SourceAndForm(t *testing.T) {
	for _, c := range []struct {
		limit  int64
		env    string
		value  string
		source pb.Knob_Source
	}{
		{noMemoryLimit, "", "off", pb.Knob_DEFAULT},
		{noMemoryLimit, "off", "off", pb.Knob_ENV},
		{noMemoryLimit, "1GiB", "off", pb.Knob_API},
		{1 << 30, "1GiB", "1GiB", pb.Knob_ENV},
		{1 << 30, "1073741824", "1GiB", pb.Knob_ENV},
		{1 << 30, "1024MiB", "1GiB", pb.Knob_ENV},
		{1 << 30, "", "1GiB", pb.Knob_API},
		{1<<30 + 1, "", "1073741825B", pb.Knob_API},
	} {
		if got := memoryLimitOf(c.limit, c.env); got.GetValue() != c.value || got.GetSource() != c.source {
			t.Errorf("limit %d with GOMEMLIMIT=%q: %v", c.limit, c.env, got)
		}
	}
	if got := percentOf(100, ""); got.GetSource() != pb.Knob_DEFAULT {
		t.Errorf("%v", got)
	}
	for env, percent := range map[string]int64{"off": -1, "-1": -1, "050": 50, "100": 100} {
		if got := percentOf(percent, env); got.GetSource() != pb.Knob_ENV {
			t.Errorf("GOGC=%s: %v", env, got)
		}
	}
	if got := percentOf(60, "50"); got.GetSource() != pb.Knob_API {
		t.Errorf("%v", got)
	}
	for version, collector := range map[string]string{
		"go1.21.3": "", "go1.25.1": "classic", "go1.25.1 X:greenteagc": "green-tea", "go1.26.8": "green-tea",
		"go1.26.8 X:nogreenteagc": "classic", "go1.27rc1": "green-tea", "devel go1.30-abc": "", "": "",
	} {
		if got := collectorOf(version); got != collector {
			t.Errorf("%q: %q", version, got)
		}
	}
}
