// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"context"
	"math"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"plimsoll.dev/sdk/go/internal/pb"
)

// socketPath is a fresh path that is short enough for a socket, whatever TMPDIR is.
func socketPath(t testing.TB) string {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "plimsoll-sdk-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	return filepath.Join(folder, "s")
}

// serve starts a server that must come up, on a socket of its own, and stops it with the test.
func serve(t testing.TB, options ...Option) (*Server, string) {
	t.Helper()
	path := socketPath(t)
	server := Serve(append([]Option{Socket(path), Logger(nil)}, options...)...)
	t.Cleanup(server.Stop)
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	return server, path
}

// dial is a real client over a real socket, closed with the test; network is "unix" or "tcp".
func dial(t testing.TB, network, address string) pb.AllocatorClient {
	t.Helper()
	client, connection := connect(t, network, address)
	t.Cleanup(func() { connection.Close() })
	return client
}

func connect(t testing.TB, network, address string) (pb.AllocatorClient, *grpc.ClientConn) {
	t.Helper()
	connection, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, target string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, target)
		}))
	if err != nil {
		t.Fatal(err)
	}
	return pb.NewAllocatorClient(connection), connection
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// getStats asks until the server's pace lets it through.
func getStats(t testing.TB, client pb.AllocatorClient) *pb.AllocatorStats {
	t.Helper()
	for {
		stats, err := client.GetStats(within(t), &pb.GetStatsRequest{})
		if status.Code(err) == codes.ResourceExhausted {
			time.Sleep(statsEvery / 4)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return stats
	}
}

// keepSettings puts GOMEMLIMIT and GOGC back at the end and starts the test from the defaults.
func keepSettings(t testing.TB) {
	t.Helper()
	limit := debug.SetMemoryLimit(math.MaxInt64)
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() {
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	})
}

func wantCode(t testing.TB, err error, code codes.Code) {
	t.Helper()
	if status.Code(err) != code {
		t.Fatalf("got %v, wanted %v", err, code)
	}
}
