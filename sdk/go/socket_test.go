// SPDX-License-Identifier: Apache-2.0

//go:build unix

package plimsoll

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"plimsoll.dev/sdk/go/internal/pb"
)

// abandon leaves a socket behind as a killed process does: bound, and nobody listens.
func abandon(t testing.TB, path string) {
	t.Helper()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	listener.Close()
}

func TestSocket_OnlyItsOwnerMayOpenIt(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	_, path := serve(t)
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != os.ModeSocket|0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestSocket_GoesWithTheServer(t *testing.T) {
	server, path := serve(t)
	server.Stop()
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestSocket_LeavesAnothersAlone(t *testing.T) {
	first, path := serve(t)
	os.Remove(path)
	second := Serve(Socket(path), Logger(nil))
	defer second.Stop()
	if err := second.Err(); err != nil {
		t.Fatal(err)
	}
	first.Stop()
	getStats(t, dial(t, "unix", path))
}

func TestSocket_StaleIsReplaced(t *testing.T) {
	path := socketPath(t)
	abandon(t, path)
	server := Serve(Socket(path), Logger(nil))
	defer server.Stop()
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	getStats(t, dial(t, "unix", path))
	left, _ := os.ReadDir(filepath.Dir(path))
	if len(left) != 1 {
		t.Errorf("left beside the socket: %v", left)
	}
}

func TestSocket_TakenIsAClearError(t *testing.T) {
	_, path := serve(t)
	second := Serve(Socket(path), Logger(nil))
	defer second.Stop()
	err := second.Err()
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "another server holds it") {
		t.Errorf("%v", err)
	}
	second.Stop()
	getStats(t, dial(t, "unix", path))
}

func TestSocket_PathsThatCannotBe(t *testing.T) {
	folder := filepath.Dir(socketPath(t))
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for path, names := range map[string]string{
		"":                                  "empty",
		file:                                "not a socket",
		link:                                "not a socket",
		folder:                              "not a socket",
		filepath.Join(folder, "none", "s"):  "plimsoll.Socket",
		filepath.Join(file, "s"):            "plimsoll.Socket",
		"/tmp/" + strings.Repeat("x", 103):  "at most 107",
		filepath.Join(folder, "nul\x00nul"): "plimsoll.Socket",
	} {
		server := Serve(Socket(path), Logger(nil))
		if err := server.Err(); err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("%q: %v", path, err)
		}
		server.Stop()
	}
	if content, _ := os.ReadFile(file); string(content) != "precious" {
		t.Error("a file in the way was touched")
	}
}

// Of many that race for one stale socket exactly one gets it, and it works.
func TestSocket_RaceHasOneWinner(t *testing.T) {
	for range 20 {
		path := socketPath(t)
		abandon(t, path)
		servers := make([]*Server, 8)
		var racers sync.WaitGroup
		for i := range servers {
			racers.Add(1)
			go func() {
				defer racers.Done()
				servers[i] = Serve(Socket(path), Logger(nil))
			}()
		}
		racers.Wait()
		winners := 0
		for _, server := range servers {
			if server.Err() == nil {
				winners++
			}
		}
		if winners != 1 {
			t.Fatalf("%d winners", winners)
		}
		if _, err := dial(t, "unix", path).GetStats(within(t), &pb.GetStatsRequest{}); err != nil {
			t.Fatal(err)
		}
		for _, server := range servers {
			server.Stop()
		}
	}
}

func TestTCP_TakenPortLeavesTheSocketServing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	path := socketPath(t)
	server := Serve(Socket(path), TCP(taken.Addr().String()), Logger(nil))
	defer server.Stop()
	if err := server.Err(); err == nil || !strings.Contains(err.Error(), "plimsoll.TCP") {
		t.Errorf("%v", err)
	}
	if server.TCPAddr() != nil {
		t.Errorf("an address that is not served: %v", server.TCPAddr())
	}
	getStats(t, dial(t, "unix", path))
}
