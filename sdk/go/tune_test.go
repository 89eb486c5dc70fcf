// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"math"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"plimsoll.dev/sdk/go/internal/pb"
)

func request(pairs ...any) *pb.TuneRequest {
	r := &pb.TuneRequest{}
	for i := 0; i < len(pairs); i += 2 {
		r.Settings = append(r.Settings, &pb.Setting{Name: pairs[i].(string), Number: pairs[i+1].(float64)})
	}
	return r
}

func inForce() settings { return currentSettings(read()) }

func TestTune_ChangesTheRuntimeAndReadsItBack(t *testing.T) {
	keepSettings(t)
	_, path := serve(t, AllowTuning(Bounds{}))
	client := dial(t, "unix", path)
	if stats := getStats(t, client); !stats.GetAcceptsTuning() || !knob(t, stats.Knobs, "GOGC").GetMutableAtRuntime() {
		t.Error("the app allows tuning and the message does not say so")
	}
	reply, err := client.Tune(within(t), request("GOGC", 250.0, "GOMEMLIMIT", float64(512<<20)))
	if err != nil {
		t.Fatal(err)
	}
	if knob(t, reply.Knobs, "GOGC").GetNumber() != 250 || knob(t, reply.Knobs, "GOMEMLIMIT").GetValue() != "512MiB" {
		t.Errorf("reply %v", reply)
	}
	if got := inForce(); got != (settings{512 << 20, 250}) {
		t.Errorf("in force: %v", got)
	}
	if stats := getStats(t, client); stats.Heap.GetSoftLimit() != 512<<20 {
		t.Errorf("%v", stats.Heap)
	}
}

func TestTune_OnlyWhereTheAppAllowsIt(t *testing.T) {
	keepSettings(t)
	server, path := serve(t, TCP("127.0.0.1:0"), AllowTuning(Bounds{}))
	_, other := serve(t)
	for _, client := range []pb.AllocatorClient{dial(t, "tcp", server.TCPAddr().String()), dial(t, "unix", other)} {
		if getStats(t, client).GetAcceptsTuning() {
			t.Error("accepts_tuning where it is refused")
		}
		_, err := client.Tune(within(t), request("GOGC", 200.0))
		wantCode(t, err, codes.PermissionDenied)
	}
	if got := inForce(); got.gcPercent != 100 {
		t.Errorf("in force: %v", got)
	}
	if !getStats(t, dial(t, "unix", path)).GetAcceptsTuning() {
		t.Error("the socket of the same server accepts tuning")
	}
}

func TestTune_AllOrNone(t *testing.T) {
	keepSettings(t)
	_, path := serve(t, AllowTuning(Bounds{MinMemoryLimit: 64 << 20, MaxMemoryLimit: 1 << 30, MaxGCPercent: 400}))
	client := dial(t, "unix", path)
	good := float64(512 << 20)
	for _, c := range []struct {
		request *pb.TuneRequest
		code    codes.Code
		names   string
	}{
		{request(), codes.InvalidArgument, "settings"},
		{request("GOMEMLIMIT", good, "GOGC", 24.0), codes.InvalidArgument, "GOGC"},
		{request("GOMEMLIMIT", good, "GOGC", 401.0), codes.InvalidArgument, "GOGC"},
		{request("GOMEMLIMIT", good, "GOGC", 100.5), codes.InvalidArgument, "GOGC"},
		{request("GOMEMLIMIT", good, "GOGC", math.NaN()), codes.InvalidArgument, "GOGC"},
		{request("GOMEMLIMIT", good, "GOGC", math.Inf(1)), codes.InvalidArgument, "GOGC"},
		{request("GOMEMLIMIT", good, "GOGC", -1.0), codes.InvalidArgument, "GOGC"},
		{request("GOMEMLIMIT", good, "GOMAXPROCS", 4.0), codes.InvalidArgument, "GOMAXPROCS"},
		{request("GOMEMLIMIT", good, "", 4.0), codes.InvalidArgument, `""`},
		{request("GOGC", 200.0, "GOGC", 200.0), codes.InvalidArgument, "GOGC"},
		{request("GOGC", 200.0, "GOMEMLIMIT", 0.0), codes.InvalidArgument, "GOMEMLIMIT"},
		{request("GOGC", 200.0, "GOMEMLIMIT", float64(64<<20)-1), codes.InvalidArgument, "GOMEMLIMIT"},
		{request("GOGC", 200.0, "GOMEMLIMIT", float64(1<<30)+1), codes.InvalidArgument, "GOMEMLIMIT"},
		{request("GOGC", 200.0, "GOMEMLIMIT", 1e300), codes.InvalidArgument, "GOMEMLIMIT"},
		{request("GOGC", 200.0, "GOMEMLIMIT", -2.0), codes.InvalidArgument, "GOMEMLIMIT"},
	} {
		_, err := client.Tune(within(t), c.request)
		if status.Code(err) != c.code || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%v: %v", c.request, err)
		}
		if got := inForce(); got != (settings{noMemoryLimit, 100}) {
			t.Fatalf("%v was refused and left %v", c.request, got)
		}
	}
	tooMany := &pb.TuneRequest{}
	for range maxSettings + 1 {
		tooMany.Settings = append(tooMany.Settings, &pb.Setting{Name: "GOGC", Number: 100})
	}
	_, err := client.Tune(within(t), tooMany)
	wantCode(t, err, codes.InvalidArgument)
}

func TestTune_RefusesTheDeathSpiral(t *testing.T) {
	keepSettings(t)
	_, path := serve(t, AllowTuning(Bounds{AllowGCOff: true}))
	client := dial(t, "unix", path)
	held := make([]byte, 96<<20)
	runtime.GC()
	_, err := client.Tune(within(t), request("GOMEMLIMIT", float64(96<<20)))
	wantCode(t, err, codes.FailedPrecondition)
	_, err = client.Tune(within(t), request("GOGC", -1.0))
	wantCode(t, err, codes.FailedPrecondition)
	if got := inForce(); got != (settings{noMemoryLimit, 100}) {
		t.Errorf("in force: %v", got)
	}
	if _, err = client.Tune(within(t), request("GOGC", -1.0, "GOMEMLIMIT", float64(1<<30))); err != nil {
		t.Errorf("off with a limit is allowed here: %v", err)
	}
	runtime.KeepAlive(held)
}

func TestTune_PutsBackWhatTheAppBeganWith(t *testing.T) {
	keepSettings(t)
	debug.SetGCPercent(10) // Below the bounds.
	tuner := newTuner(mustComplete(t, Bounds{MaxMemoryLimit: 1 << 30}))
	if _, err := tuner.tune(request("GOGC", 80.0, "GOMEMLIMIT", float64(512<<20)), nil); err != nil {
		t.Fatal(err)
	}
	tuner.pace = pace{}
	if _, err := tuner.tune(request("GOMEMLIMIT", -1.0, "GOGC", 10.0), nil); err != nil {
		t.Errorf("back to the start: %v", err)
	}
	if got := inForce(); got != tuner.start {
		t.Errorf("in force: %v", got)
	}
}

func TestTune_NeverAboveTheContainer(t *testing.T) {
	keepSettings(t)
	tuner := newTuner(mustComplete(t, Bounds{}))
	container := uint64(256 << 20)
	_, err := tuner.tune(request("GOMEMLIMIT", float64(257<<20)), &container)
	wantCode(t, err, codes.FailedPrecondition)
	if _, err = tuner.tune(request("GOMEMLIMIT", float64(256<<20)), &container); err != nil {
		t.Error(err)
	}
}

func TestTune_AtMostOnceASecond(t *testing.T) {
	keepSettings(t)
	_, path := serve(t, AllowTuning(Bounds{}))
	client := dial(t, "unix", path)
	began := time.Now()
	refused, carriedOut := 0, 0
	for refused < 3 && time.Since(began) < time.Minute {
		switch _, err := client.Tune(within(t), request("GOGC", 110.0)); status.Code(err) {
		case codes.ResourceExhausted:
			refused++
		case codes.OK:
			carriedOut++
		default:
			t.Fatal(err)
		}
	}
	if refused < 3 || carriedOut < 1 {
		t.Errorf("%d calls were carried out, %d refused", carriedOut, refused)
	}
	if most := 1 + int(time.Since(began)/tuneEvery); carriedOut > most {
		t.Errorf("%d calls were carried out in the time of %d", carriedOut, most)
	}
}

func TestBounds_RefuseNonsense(t *testing.T) {
	for _, bounds := range []Bounds{
		{MinMemoryLimit: -1}, {MaxMemoryLimit: -1}, {MinMemoryLimit: 2, MaxMemoryLimit: 1}, {MaxMemoryLimit: 1},
		{MinGCPercent: -1}, {MinGCPercent: 200, MaxGCPercent: 100}, {MaxGCPercent: 10}, {MaxGCPercent: 1 << 30},
	} {
		server := Serve(Socket(socketPath(t)), Logger(nil), AllowTuning(bounds))
		if err := server.Err(); err == nil || !strings.Contains(err.Error(), "Bounds") {
			t.Errorf("%+v: %v", bounds, err)
		}
		server.Stop()
	}
	// The statistics are served all the same, and tuning is off.
	path := socketPath(t)
	server := Serve(Socket(path), Logger(nil), AllowTuning(Bounds{MaxGCPercent: 10}))
	defer server.Stop()
	if getStats(t, dial(t, "unix", path)).GetAcceptsTuning() {
		t.Error("tuning is on with bounds that make no sense")
	}
}

func mustComplete(t testing.TB, bounds Bounds) Bounds {
	t.Helper()
	complete, err := bounds.complete()
	if err != nil {
		t.Fatal(err)
	}
	return complete
}

// Whatever is asked, afterwards the settings are within the bounds or what they were.
func FuzzTune(f *testing.F) {
	f.Add("GOGC", 100.0, "GOMEMLIMIT", float64(512<<20), uint64(1<<30), true)
	f.Add("GOMEMLIMIT", -1.0, "GOGC", -1.0, uint64(0), true)
	f.Add("GOGC", math.NaN(), "GOGC", math.Inf(-1), uint64(1), false)
	f.Add("gogc", 1e308, "", -0.0, uint64(math.MaxUint64), false)
	f.Add("GOMEMLIMIT", 9007199254740993.0, "GOMEMLIMIT", 1.0, uint64(5), true)
	limit, percent := debug.SetMemoryLimit(-1), inForce().gcPercent
	f.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(int(percent))
	})
	f.Fuzz(func(t *testing.T, name1 string, number1 float64, name2 string, number2 float64, container uint64, off bool) {
		keepSettings(t)
		tuner := newTuner(mustComplete(t, Bounds{MaxMemoryLimit: 4 << 30, AllowGCOff: off}))
		before := inForce()
		knobs, err := tuner.tune(request(name1, number1, name2, number2), &container)
		after := inForce()
		if err != nil {
			if after != before || status.Code(err) == codes.Unknown {
				t.Fatalf("refused with %v, and %v became %v", err, before, after)
			}
			return
		}
		if knob(t, knobs, "GOGC").Number == nil != (after.gcPercent == -1) {
			t.Fatalf("reply %v, in force %v", knobs, after)
		}
		limitFits := after.memoryLimit == before.memoryLimit ||
			after.memoryLimit >= lowestMemoryLimit && after.memoryLimit <= 4<<30 && uint64(after.memoryLimit) <= container
		percentFits := after.gcPercent >= lowestPercent && after.gcPercent <= highestPercent ||
			after.gcPercent == -1 && off && after.memoryLimit != noMemoryLimit
		if !limitFits || !percentFits {
			t.Fatalf("in force: %v, container %d", after, container)
		}
	})
}
