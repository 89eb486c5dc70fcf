// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	// A product with its strings and its places in slice and map is about this large.
	productBytes  = 512
	terminalCount = 4
	paymentTime   = 5 * time.Millisecond
)

type product struct {
	name        string
	description string
	cents       int
}

type order struct {
	Lines []line `json:"lines" binding:"required,min=1,max=1000,dive"`
}

type line struct {
	Product  string `json:"product" binding:"required"`
	Quantity int    `json:"quantity" binding:"required,min=1,max=1000"`
}

type receipt struct {
	Text  string `json:"text"`
	Cents int    `json:"cents"`
}

// shop is the catalogue and the terminals that customers pay at.
type shop struct {
	names     []string
	catalogue map[string]*product
	terminals *terminals
}

func newShop(catalogueMiB int) *shop {
	count := catalogueMiB << 20 / productBytes
	s := &shop{names: make([]string, 0, count), catalogue: make(map[string]*product, count), terminals: newTerminals(terminalCount)}
	for i := range count {
		name := fmt.Sprintf("product-%07d", i)
		s.names = append(s.names, name)
		s.catalogue[name] = &product{name: name, description: strings.Repeat("fine ", 64) + name, cents: 100 + i%9900}
	}
	return s
}

// buy prices an order and takes the payment. The receipt repeats each product's description, which is
// most of the garbage that the service makes.
func (s *shop) buy(ctx context.Context, order order) (receipt, error) {
	var text strings.Builder
	total := 0
	for _, line := range order.Lines {
		product, found := s.catalogue[line.Product]
		if !found {
			return receipt{}, fmt.Errorf("there is no product %q", line.Product)
		}
		total += product.cents * line.Quantity
		fmt.Fprintf(&text, "%4d %s (%s) %d\n", line.Quantity, product.name, product.description, product.cents)
	}
	if err := s.terminals.pay(ctx, paymentTime); err != nil {
		return receipt{}, err
	}
	return receipt{Text: text.String(), Cents: total}, nil
}
