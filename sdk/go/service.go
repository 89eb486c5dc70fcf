// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"plimsoll.dev/sdk/go/internal/pb"
)

const (
	statsEvery = 100 * time.Millisecond
	// What agents take.
	maxMessageBytes = 64 << 10
)

// startTime is when the counters began. Not the kernel's start time of the process: a process that
// replaces its program by exec keeps that one, and counts from zero again.
var startTime = time.Now()

// service answers on one endpoint.
type service struct {
	pb.UnimplementedAllocatorServer
	config *config
	tuner  *tuner // Nil: tuning is not allowed here.
	pace   pace
	seq    atomic.Uint64
}

func newService(config *config, tuner *tuner) *service {
	return &service{config: config, tuner: tuner, pace: pace{every: statsEvery}}
}

func (s *service) GetStats(context.Context, *pb.GetStatsRequest) (*pb.AllocatorStats, error) {
	if !s.pace.allow(time.Now()) {
		return nil, status.Errorf(codes.ResourceExhausted, "asked less than %v ago; wait that long", statsEvery)
	}
	pools := s.config.registry.collect(poolsLimit, func(pool, reason string) {
		s.config.log(slog.LevelWarn, "plimsoll: a pool is left out of the statistics", "pool", pool, "reason", reason)
	})
	stats := snapshot(pools)
	stats.AcceptsTuning = s.tuner != nil
	stats.Seq = s.seq.Add(1)
	if size := proto.Size(stats); size > maxMessageBytes {
		return nil, status.Errorf(codes.Internal, "the message has %d bytes, allowed are %d", size, maxMessageBytes)
	}
	return stats, nil
}

func (s *service) Tune(_ context.Context, request *pb.TuneRequest) (*pb.TuneReply, error) {
	if s.tuner == nil {
		return nil, status.Error(codes.PermissionDenied,
			"the app does not allow tuning here: it needs plimsoll.AllowTuning, and the Unix socket rather than TCP")
	}
	knobs, err := s.tuner.tune(request, containerMemoryLimit("/"))
	if err != nil {
		return nil, err
	}
	for _, knob := range knobs {
		s.config.log(slog.LevelInfo, "plimsoll: tuned", "setting", knob.GetName(), "value", knob.GetValue())
	}
	return &pb.TuneReply{Knobs: knobs}, nil
}

// snapshot is everything but what the endpoint adds.
func snapshot(pools []*pb.Pool) *pb.AllocatorStats {
	r, withinCycle := readWithinCycle()
	var collections debug.GCStats
	debug.ReadGCStats(&collections)
	pid := int32(os.Getpid())
	stats := &pb.AllocatorStats{
		Runtime:            pb.AllocatorStats_GO,
		RuntimeVersion:     runtime.Version(),
		Collector:          collectorOf(runtime.Version()),
		StartTimeUnixNano:  uint64(startTime.UnixNano()),
		SampleTimeUnixNano: uint64(time.Now().UnixNano()),
		Pid:                &pid,
		Limits:             &pb.Limits{MemoryLimit: containerMemoryLimit("/")},
		Knobs:              r.knobs(),
		Heap:               r.heap(withinCycle),
		NonHeap:            r.nonHeap(),
		Gc:                 r.gc(collections.PauseTotal.Seconds()),
		Pools:              pools,
		Concurrency:        &pb.Concurrency{Goroutines: r.count(goroutines)},
		Allocation: &pb.Allocation{
			BytesTotal:   r.count(heapAllocsBytes),
			ObjectsTotal: r.count(heapAllocsObjects),
			RuntimeTotal: r.footprint(),
		},
	}
	if processors := r.count(gomaxprocs); processors != nil {
		number := float64(*processors)
		stats.Limits.Processors = &number
	}
	if threads, err := os.ReadDir("/proc/self/task"); err == nil {
		number := uint64(len(threads))
		stats.Concurrency.Threads = &number
	}
	return stats
}

// recoverPanics turns a panic in a handler into an error of that call.
func recoverPanics(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (reply any, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			reply, err = nil, status.Errorf(codes.Internal, "panicked: %v", reason)
		}
	}()
	return handler(ctx, request)
}
