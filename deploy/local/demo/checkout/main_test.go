// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestCheckout_TakesOrders(t *testing.T) {
	shop := newShop(1)
	server := httptest.NewServer(routes(shop))
	defer server.Close()
	for range 10 {
		if err := buyOnce(context.Background(), server.Client(), server.URL, shop); err != nil {
			t.Fatal(err)
		}
	}
	if stats := shop.terminals.stats(); shop.terminals.acquires.Load() != 10 || stats.InUse == stats.Capacity {
		t.Errorf("ten orders used the terminals %d times: %+v", shop.terminals.acquires.Load(), stats)
	}
}

func TestCheckout_RefusesBadOrders(t *testing.T) {
	server := httptest.NewServer(routes(newShop(1)))
	defer server.Close()
	for body, code := range map[string]int{
		``:             http.StatusBadRequest,
		`{"lines":[]}`: http.StatusBadRequest,
		`{"lines":[{"product":"product-0000001","quantity":0}]}`: http.StatusBadRequest,
		`{"lines":[{"product":"moon","quantity":1}]}`:            http.StatusUnprocessableEntity,
		`{"lines":[{"product":"product-0000001","quantity":1}]}`: http.StatusOK,
	} {
		response, err := http.Post(server.URL+"/orders", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != code {
			t.Errorf("%s: %d", body, response.StatusCode)
		}
	}
}
