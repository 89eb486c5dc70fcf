// SPDX-License-Identifier: Apache-2.0

package plimsoll_test

import (
	"database/sql"
	"log"

	plimsoll "plimsoll.dev/sdk/go"
)

func Example() {
	defer plimsoll.Serve().Stop()
}

func ExampleAllowTuning() {
	server := plimsoll.Serve(plimsoll.AllowTuning(plimsoll.Bounds{MinMemoryLimit: 128 << 20}))
	defer server.Stop()
	if err := server.Err(); err != nil {
		log.Print(err) // The program runs on without statistics.
	}
}

func ExampleRegisterDB() {
	var db *sql.DB // From sql.Open.
	if remove, err := plimsoll.RegisterDB("orders", db); err == nil {
		defer remove()
	}
}
