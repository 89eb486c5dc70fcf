// SPDX-License-Identifier: Apache-2.0

// Checkout is a web shop's till: an HTTP service with a catalogue in memory (CATALOGUE_MIB, its live
// set) and customers of its own, who order RATE times a second. It serves Plimsoll's SDK and lets it
// tune the Go runtime.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"plimsoll.dev/demo/internal/held"
	plimsoll "plimsoll.dev/sdk/go"
)

func main() {
	defer plimsoll.Serve(plimsoll.AllowTuning(plimsoll.Bounds{})).Stop()

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	shop := newShop(held.Setting("CATALOGUE_MIB", 40))
	if _, err := plimsoll.RegisterPool("payment-terminals", plimsoll.ConnectionPool, shop.terminals.stats); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(shop), ReadHeaderTimeout: 5 * time.Second}
	go customers(ctx, "http://"+net.JoinHostPort("127.0.0.1", "8080"), shop, held.Setting("RATE", 40))
	go func() {
		<-ctx.Done()
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(closing)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func routes(shop *shop) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.Use(gin.Recovery())
	router.GET("/healthz", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	router.POST("/orders", func(c *gin.Context) {
		var order order
		if err := c.ShouldBindJSON(&order); err != nil {
			c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
			return
		}
		receipt, err := shop.buy(c.Request.Context(), order)
		if err != nil {
			c.JSON(http.StatusUnprocessableEntity, gin.H{"error": err.Error()})
			return
		}
		c.JSON(http.StatusOK, receipt)
	})
	return router
}
