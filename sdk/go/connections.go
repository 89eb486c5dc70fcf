// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"net"
	"sync"
	"sync/atomic"
)

// limitedListener bounds what a flood of clients can cost the host: connections above the limit are
// accepted and closed at once, so that they neither hold memory nor fill the backlog.
type limitedListener struct {
	net.Listener
	open  atomic.Int64
	limit int64
}

func limitConnections(listener net.Listener, limit int) *limitedListener {
	return &limitedListener{Listener: listener, limit: int64(limit)}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= l.limit {
			return &countedConnection{Conn: connection, release: sync.OnceFunc(func() { l.open.Add(-1) })}, nil
		}
		l.open.Add(-1)
		_ = connection.Close()
	}
}

type countedConnection struct {
	net.Conn
	release func()
}

func (c *countedConnection) Close() error {
	c.release()
	return c.Conn.Close()
}
