// SPDX-License-Identifier: Apache-2.0

// Package plimsoll lets a Go program tell Plimsoll what its runtime and its pools hold, and, where
// the program allows it, lets Plimsoll set GOMEMLIMIT and GOGC while it runs.
//
//	func main() {
//		defer plimsoll.Serve().Stop()
//		...
//	}
//
// That serves the Allocator service (proto/plimsoll/v1/allocator_stats.proto) on the Unix socket
// /tmp/plimsoll.sock, where the agent of the node finds it. Nothing that happens in here ends the
// program: a socket that cannot be had, a client that misbehaves or a pool whose callback panics
// costs the program its statistics and nothing else. Server.Err tells what went wrong.
package plimsoll
