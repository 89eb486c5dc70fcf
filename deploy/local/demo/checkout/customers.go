// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	linesOfOrder  = 100
	maxUnanswered = 64
	reportEvery   = time.Minute
)

// customers order perSecond times a second over HTTP, however long the answers take; one who finds
// maxUnanswered others waiting goes away. Once a minute it is logged how many were served.
func customers(ctx context.Context, url string, shop *shop, perSecond int) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: maxUnanswered}}
	unanswered := make(chan struct{}, maxUnanswered)
	var served, failed, turnedAway atomic.Int64
	ticker := time.NewTicker(time.Second / time.Duration(perSecond))
	defer ticker.Stop()
	report := time.NewTicker(reportEvery)
	defer report.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-report.C:
			slog.Info("customers", "served", served.Swap(0), "failed", failed.Swap(0), "turned_away", turnedAway.Swap(0))
		case <-ticker.C:
			select {
			case unanswered <- struct{}{}:
			default:
				turnedAway.Add(1)
				continue
			}
			go func() {
				defer func() { <-unanswered }()
				if err := buyOnce(ctx, client, url, shop); err != nil {
					failed.Add(1)
				} else {
					served.Add(1)
				}
			}()
		}
	}
}

func buyOnce(ctx context.Context, client *http.Client, url string, shop *shop) error {
	wish := order{Lines: make([]line, linesOfOrder)}
	for i := range wish.Lines {
		wish.Lines[i] = line{Product: shop.names[rand.IntN(len(shop.names))], Quantity: 1 + rand.IntN(9)}
	}
	body, err := json.Marshal(wish)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/orders", bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var got receipt
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, response.Body)
	if response.StatusCode != http.StatusOK || got.Cents == 0 {
		return fmt.Errorf("answered %d with %d cents", response.StatusCode, got.Cents)
	}
	return nil
}
