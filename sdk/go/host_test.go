// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"plimsoll.dev/sdk/go/internal/pb"
)

// What a client or the host itself may do wrong must never end the host: these tests are the host.

func TestHost_BytesThatAreNotGRPC(t *testing.T) {
	_, path := serve(t)
	noise := make([]byte, 64<<10)
	rand.Read(noise)
	preface := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	for _, payload := range [][]byte{noise, {}, []byte("GET / HTTP/1.1\r\n\r\n"), append(preface, noise...), bytes.Repeat([]byte{0}, 1<<20)} {
		connection, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		connection.SetDeadline(time.Now().Add(5 * time.Second))
		connection.Write(payload)
		connection.Close()
	}
	getStats(t, dial(t, "unix", path))
}

func TestHost_FloodOfConnections(t *testing.T) {
	_, path := serve(t)
	held := make([]net.Conn, 0, 4*maxConnections)
	for range cap(held) {
		connection, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, connection)
	}
	turnedAway := 0
	for _, connection := range held {
		// The server speaks first in HTTP/2, so a connection it keeps gives bytes, one it refused EOF.
		connection.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := connection.Read(make([]byte, 1)); err != nil {
			turnedAway++
		}
	}
	for _, connection := range held {
		connection.Close()
	}
	if turnedAway < len(held)-maxConnections {
		t.Errorf("of %d connections %d were turned away", len(held), turnedAway)
	}
	// The places are free again, once the server has seen the connections end.
	client := dial(t, "unix", path)
	_, err := client.GetStats(within(t), &pb.GetStatsRequest{})
	for deadline := time.Now().Add(time.Minute); err != nil && time.Now().Before(deadline); {
		time.Sleep(150 * time.Millisecond)
		_, err = client.GetStats(within(t), &pb.GetStatsRequest{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestHost_RequestThatIsTooLarge(t *testing.T) {
	_, path := serve(t, AllowTuning(Bounds{}))
	huge := &pb.TuneRequest{Settings: []*pb.Setting{{Name: strings.Repeat("x", maxRequestBytes)}}}
	_, err := dial(t, "unix", path).Tune(within(t), huge)
	wantCode(t, err, codes.ResourceExhausted)
}

func TestHost_HandlerThatPanics(t *testing.T) {
	_, err := recoverPanics(context.Background(), nil, nil, func(context.Context, any) (any, error) { panic("boom") })
	wantCode(t, err, codes.Internal)
	var _ grpc.UnaryServerInterceptor = recoverPanics
}

type panickingHandler struct{}

func (panickingHandler) Enabled(context.Context, slog.Level) bool  { panic("enabled") }
func (panickingHandler) Handle(context.Context, slog.Record) error { panic("handle") }
func (h panickingHandler) WithAttrs([]slog.Attr) slog.Handler      { return h }
func (h panickingHandler) WithGroup(string) slog.Handler           { return h }

func TestHost_OptionsThatPanic(t *testing.T) {
	server := Serve(nil, Socket("/nowhere/at/all"), Logger(slog.New(panickingHandler{})))
	if server.Err() == nil {
		t.Error("no error")
	}
	server.Stop()
	server = Serve(func(*config) { panic("an option") })
	if err := server.Err(); err == nil || !strings.Contains(err.Error(), "an option") {
		t.Errorf("%v", err)
	}
	server.Stop()
}

func TestHost_HandlesTheHandleAnyhow(t *testing.T) {
	var none *Server
	none.Stop()
	if none.Err() == nil || none.TCPAddr() != nil {
		t.Error("a server that is none says it serves")
	}
	server, path := serve(t, TCP("127.0.0.1:0"))
	var all sync.WaitGroup
	for range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			dial(t, "unix", path).GetStats(within(t), &pb.GetStatsRequest{})
			server.Stop()
			if err := server.Err(); err != nil {
				t.Errorf("stopping is not an error: %v", err)
			}
			server.TCPAddr()
		}()
	}
	all.Wait()
}

func TestHost_GoroutinesGoWithTheServer(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 10 {
		server := Serve(Socket(socketPath(t)), TCP("127.0.0.1:0"), Logger(nil))
		server.Stop()
	}
	for wait := 0; runtime.NumGoroutine() > before; wait++ {
		if wait == 3000 {
			t.Fatalf("%d goroutines before, %d after", before, runtime.NumGoroutine())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPools_ReachTheMessage(t *testing.T) {
	_, path := serve(t)
	remove, err := RegisterPool("workers", WorkerPool, func() PoolStats {
		return PoolStats{InUse: Known(3), Idle: Known(0), Waits: Known(7), WaitTotal: 1500 * time.Millisecond, Pending: Known(-1)}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer remove()
	client := dial(t, "unix", path)
	pools := getStats(t, client).Pools
	if len(pools) != 1 {
		t.Fatalf("%v", pools)
	}
	pool := pools[0]
	if pool.GetName() != "workers" || pool.GetKind() != pb.Pool_WORKER || pool.GetInUse() != 3 || pool.GetWaitSecondsTotal() != 1.5 {
		t.Errorf("%v", pool)
	}
	if pool.Idle == nil || *pool.Idle != 0 {
		t.Error("a zero that is known was left out")
	}
	if pool.Capacity != nil || pool.Pending != nil || pool.AcquiresTotal != nil {
		t.Errorf("what is not known was sent: %v", pool)
	}
	remove()
	remove()
	if pools := getStats(t, client).Pools; len(pools) != 0 {
		t.Errorf("removed, and still there: %v", pools)
	}
}

func TestPools_ThatPanicHangOrLeave(t *testing.T) {
	r := &registry{}
	hang := make(chan struct{})
	for name, stats := range map[string]func() PoolStats{
		"panics":  func() PoolStats { panic(errors.New("boom")) },
		"leaves":  func() PoolStats { runtime.Goexit(); return PoolStats{} },
		"hangs":   func() PoolStats { <-hang; return PoolStats{} },
		"answers": func() PoolStats { return PoolStats{InUse: Known(1)} },
	} {
		if _, err := r.register(name, ObjectPool, stats); err != nil {
			t.Fatal(err)
		}
	}
	blamed := map[string]string{}
	for range 3 {
		// The one that hangs costs this time once; the others have it on a busy machine.
		pools := r.collect(5*time.Second, func(pool, reason string) { blamed[pool] += reason })
		if len(pools) != 1 || pools[0].GetName() != "answers" {
			t.Fatalf("%v", pools)
		}
	}
	want := map[string]string{
		"panics": "its callback panicked: boom", "leaves": "its callback did not return", "hangs": "it did not answer in time"}
	for name, reason := range want {
		if blamed[name] != reason {
			t.Errorf("%s was blamed for %q", name, blamed[name])
		}
	}
	close(hang)
	for wait := 0; len(r.collect(5*time.Second, func(string, string) {})) != 2; wait++ {
		if wait == 1000 {
			t.Fatal("a pool that came back is still left out")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPools_RefuseBadOnes(t *testing.T) {
	r := &registry{}
	fine := func() PoolStats { return PoolStats{} }
	if _, err := r.register("twice", ObjectPool, fine); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		kind  PoolKind
		stats func() PoolStats
	}{
		{"", ObjectPool, fine}, {strings.Repeat("x", maxPoolName+1), ObjectPool, fine}, {"bad\xff", ObjectPool, fine},
		{"line\nbreak", ObjectPool, fine}, {"kind", 0, fine}, {"kind", 6, fine}, {"nil", ObjectPool, nil}, {"twice", ObjectPool, fine},
	} {
		remove, err := r.register(c.name, c.kind, c.stats)
		if err == nil || remove == nil {
			t.Errorf("%q: taken", c.name)
		}
		remove()
	}
	if len(r.entries) != 1 {
		t.Errorf("%d pools", len(r.entries))
	}
	if _, err := RegisterDB("db", nil); err == nil {
		t.Error("no database: taken")
	}
}

// A host in a process of its own, ended by every signal a careless SDK could bring about: it must
// leave with its own exit code.
func TestHost_OutlivesItsClients(t *testing.T) {
	const variable = "PLIMSOLL_SDK_TEST_HOST"
	if path := os.Getenv(variable); path != "" {
		Serve(Socket(path), AllowTuning(Bounds{}))
		RegisterPool("panics", CachePool, func() PoolStats { panic("boom") })
		buffer := make([]byte, 1)
		os.Stdin.Read(buffer)
		os.Exit(42)
	}
	path := socketPath(t)
	host := exec.Command(os.Args[0], "-test.run", "^TestHost_OutlivesItsClients$")
	host.Env = append(os.Environ(), variable+"="+path)
	stdin, err := host.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	for range 50 { // Clients that leave in the middle of their call: the host writes to a closed socket.
		ctx, cancel := context.WithTimeout(within(t), 20*time.Millisecond)
		client, connection := connect(t, "unix", path)
		client.GetStats(ctx, &pb.GetStatsRequest{})
		client.Tune(ctx, request("GOGC", 77.0))
		cancel()
		connection.Close()
	}
	client := dial(t, "unix", path)
	for {
		if _, err := client.GetStats(within(t), &pb.GetStatsRequest{}, grpc.WaitForReady(true)); err == nil {
			break
		}
		time.Sleep(statsEvery)
	}
	stdin.Close()
	var exit *exec.ExitError
	if err := host.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 42 {
		t.Errorf("the host ended with %v", err)
	}
}
