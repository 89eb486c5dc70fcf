// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"plimsoll.dev/sdk/go/internal/pb"
)

const (
	// One agent and a curious person: more connections than this are closed at once.
	maxConnections = 16
	maxStreams     = 16
	// A Tune of 16 settings is below 1 KiB.
	maxRequestBytes = 4 << 10
	maxHeaderBytes  = 8 << 10
	bufferBytes     = 4 << 10
	handshakeLimit  = 5 * time.Second
)

// Server is a running service, or one that could not start: Err tells. The methods may be called
// from any goroutine, in any order, any number of times, and on nil.
type Server struct {
	config config

	mu        sync.Mutex
	failures  []error
	stopped   bool
	endpoints []endpoint
}

type endpoint struct {
	listener net.Listener
	grpc     *grpc.Server
}

// Serve starts serving and returns at once. It never fails in a way the program must handle: when
// the socket cannot be had, the program runs on without statistics, one line goes to the logger and
// Err says why and what to do.
func Serve(options ...Option) (server *Server) {
	server = &Server{}
	defer func() {
		if reason := recover(); reason != nil {
			server.fail(fmt.Errorf("plimsoll: start panicked: %v", reason))
		}
	}()
	server.config = newConfig(options)
	server.start()
	return server
}

func (s *Server) start() {
	var tuner *tuner
	if s.config.tuning != nil {
		if bounds, err := s.config.tuning.complete(); err != nil {
			s.fail(fmt.Errorf("plimsoll: tuning stays off: %w", err))
		} else {
			tuner = newTuner(bounds)
		}
	}
	if listener, err := listenSocket(s.config.socket); err != nil {
		s.fail(fmt.Errorf("plimsoll: no statistics on the socket: %w", err))
	} else {
		s.serveOn(listener, tuner)
	}
	if s.config.tcp == "" {
		return
	}
	if listener, err := net.Listen("tcp", s.config.tcp); err != nil {
		s.fail(fmt.Errorf("plimsoll: no statistics on TCP: %w; choose another with plimsoll.TCP", err))
	} else {
		s.serveOn(listener, nil)
	}
}

// serveOn serves on one listener; a nil tuner refuses every Tune. Each endpoint counts and paces its
// messages on its own, so that a busy reader on TCP takes nothing from the agent on the socket.
func (s *Server) serveOn(listener net.Listener, tuner *tuner) {
	server := grpc.NewServer(
		grpc.UnaryInterceptor(recoverPanics),
		grpc.MaxRecvMsgSize(maxRequestBytes),
		grpc.MaxHeaderListSize(maxHeaderBytes),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ReadBufferSize(bufferBytes),
		grpc.WriteBufferSize(bufferBytes),
		grpc.ConnectionTimeout(handshakeLimit),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(
			keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	)
	pb.RegisterAllocatorServer(server, newService(&s.config, tuner))
	s.mu.Lock()
	s.endpoints = append(s.endpoints, endpoint{listener, server})
	s.mu.Unlock()
	limited := limitConnections(listener, maxConnections)
	go func() {
		defer func() {
			if reason := recover(); reason != nil {
				s.fail(fmt.Errorf("plimsoll: serving on %s panicked: %v", listener.Addr(), reason))
			}
		}()
		if err := server.Serve(limited); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			s.fail(fmt.Errorf("plimsoll: serving on %s ended: %w", listener.Addr(), err))
		}
	}()
}

func (s *Server) fail(err error) {
	s.mu.Lock()
	stopped := s.stopped
	if !stopped {
		s.failures = append(s.failures, err)
	}
	s.mu.Unlock()
	if !stopped {
		s.config.log(slog.LevelWarn, err.Error())
	}
}

// Err is nil while everything that was asked for is served; else it names each part that is not,
// and the remedy. What it does not name works.
func (s *Server) Err() error {
	if s == nil {
		return errors.New("plimsoll: no server: it comes from plimsoll.Serve")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.failures...)
}

// Stop ends the service, closes its connections and removes the socket. Settings that were tuned
// stay as they are.
func (s *Server) Stop() {
	if s == nil {
		return
	}
	s.mu.Lock()
	s.stopped = true
	endpoints := s.endpoints
	s.endpoints = nil
	s.mu.Unlock()
	for _, endpoint := range endpoints {
		endpoint.grpc.Stop()
		_ = endpoint.listener.Close() // A second close, of a listener that never came to be served.
	}
}

// TCPAddr is the address that TCP serves on, nil when it does not: for a program that asked for
// port 0.
func (s *Server) TCPAddr() net.Addr {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, endpoint := range s.endpoints {
		if address, ok := endpoint.listener.Addr().(*net.TCPAddr); ok {
			return address
		}
	}
	return nil
}
