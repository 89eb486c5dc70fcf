// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	// sockaddr_un holds 108 bytes, one of them the end.
	maxSocketPath = 107
	// Owner only. Root reaches it all the same, as long as it has CAP_DAC_OVERRIDE.
	socketMode = 0o600
	// A live server answers connect() at once; a full backlog makes it wait.
	probeLimit = time.Second
	// Others hold the folder's lock for as long as a probe takes.
	lockLimit = 2 * time.Second
)

// listenSocket binds a Unix socket at path. bind() itself is the claim, so two processes never both
// have the path; what stands in the way is replaced only when it is a socket nobody serves.
//
// All of it happens under a lock on the folder: between bind() and listen() a socket refuses clients
// just as one does whose process is dead, and a second process would remove it.
func listenSocket(path string) (net.Listener, error) {
	if path == "" {
		return nil, errors.New("the socket's path is empty; name one with plimsoll.Socket")
	}
	if len(path) > maxSocketPath {
		return nil, fmt.Errorf("%s: %d bytes, a socket's path has at most %d; choose a shorter one with plimsoll.Socket",
			path, len(path), maxSocketPath)
	}
	unlock, locked := lockFolder(filepath.Dir(path), lockLimit)
	defer unlock()
	listener, err := bindSocket(path)
	if errors.Is(err, syscall.EADDRINUSE) {
		if err := removeStale(path, locked); err != nil {
			return nil, err
		}
		listener, err = bindSocket(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w; choose a path in a folder that exists and is writable with plimsoll.Socket", err)
	}
	return listener, nil
}

func bindSocket(path string) (net.Listener, error) {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(restrictSocket)
	}}
	listener, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	unix := listener.(*net.UnixListener)
	// Closing removes the path only while it is still ours: see ownedSocket.
	unix.SetUnlinkOnClose(false)
	err = os.Chmod(path, socketMode)
	if err != nil {
		_ = unix.Close()
		return nil, err
	}
	identity, err := os.Lstat(path)
	if err != nil {
		_ = unix.Close()
		return nil, err
	}
	return &ownedSocket{UnixListener: unix, path: path, identity: identity}, nil
}

// ownedSocket removes its path when it closes, unless another process has put its own there since.
type ownedSocket struct {
	*net.UnixListener
	path     string
	identity fs.FileInfo
	once     sync.Once
}

func (o *ownedSocket) Close() error {
	o.once.Do(func() {
		if now, err := os.Lstat(o.path); err == nil && os.SameFile(now, o.identity) {
			_ = os.Remove(o.path)
		}
	})
	return o.UnixListener.Close()
}

// removeStale clears path of a socket whose server is gone. Nil: it is free now.
func removeStale(path string, locked bool) error {
	found, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if found.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("%s: exists and is not a socket; remove it or choose another path with plimsoll.Socket", path)
	}
	if err := probe(path); err != nil {
		return err
	}
	if !locked {
		return fmt.Errorf("%s: a socket nobody serves, and its folder cannot be locked to replace it; remove it or choose another path with plimsoll.Socket", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: a socket nobody serves, and it cannot be removed: %w; remove it or choose another path with plimsoll.Socket", path, err)
	}
	return nil
}

// probe tells whether somebody serves the socket; nil: nobody does.
func probe(path string) error {
	connection, err := net.DialTimeout("unix", path, probeLimit)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		_ = connection.Close()
		return fmt.Errorf("%s: another server holds it, in this process or another one of the container; call Serve once, or choose another path with plimsoll.Socket", path)
	}
	return fmt.Errorf("%s: taken, and it cannot be told by whom: %w; remove it or choose another path with plimsoll.Socket", path, err)
}
