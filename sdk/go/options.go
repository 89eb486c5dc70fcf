// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"context"
	"log/slog"
)

// DefaultSocket is where the agent looks for the socket, as a path inside the container, unless the
// pod's annotation plimsoll.dev/stats-socket names another.
const DefaultSocket = "/tmp/plimsoll.sock"

// DefaultTCPAddress is the usual argument of TCP: every address of the pod, Plimsoll's port.
const DefaultTCPAddress = ":9477"

// Option changes what Serve does.
type Option func(*config)

type config struct {
	socket   string
	tcp      string
	tuning   *Bounds
	logger   *slog.Logger
	registry *registry
}

func newConfig(options []Option) config {
	c := config{socket: DefaultSocket, logger: slog.Default(), registry: &pools}
	for _, option := range options {
		if option != nil {
			option(&c)
		}
	}
	return c
}

// Socket serves on this path instead of DefaultSocket. Plimsoll's agent looks there when the pod has
// the annotation plimsoll.dev/stats-socket with the same path. At most 107 bytes, as the kernel has
// it; its folder must exist.
func Socket(path string) Option {
	return func(c *config) { c.socket = path }
}

// TCP serves the statistics on this address as well ("host:port", DefaultTCPAddress). Reading only:
// whoever reaches the pod reaches it, so Tune is always refused there. Plimsoll's agent uses the
// socket; where there is none it reads this port when the pod's annotation plimsoll.dev/stats-port
// names it.
func TCP(address string) Option {
	return func(c *config) { c.tcp = address }
}

// AllowTuning lets a caller on the socket set GOMEMLIMIT and GOGC within bounds. Without it every
// Tune is refused. Only the program's own user and root can open the socket.
func AllowTuning(bounds Bounds) Option {
	return func(c *config) { c.tuning = &bounds }
}

// Logger takes the few lines the SDK has to say: that it cannot serve, that a pool's callback
// failed, that a setting was changed. Default: slog.Default(); nil: silence.
func Logger(logger *slog.Logger) Option {
	return func(c *config) { c.logger = logger }
}

// log writes one line to the host's logger and outlives a handler that panics.
func (c *config) log(level slog.Level, message string, attributes ...any) {
	if c.logger == nil {
		return
	}
	defer func() { _ = recover() }()
	c.logger.Log(context.Background(), level, message, attributes...)
}
