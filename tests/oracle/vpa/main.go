// SPDX-License-Identifier: Apache-2.0

// Command vpa-oracle checks recommendations against VPA's own Go code, live. It reads traces with
// the expected answers from standard input, one order a line, and exits 1 naming every line where
// VPA says otherwise:
//
//	new FLOOR_MIB PODS LABELSETS      a VPA over PODS pods of one container, labels by pod modulo LABELSETS
//	use POD MS BYTES                  one poll of the metrics server: working set and a CPU sample
//	oom POD MS REQUEST                an OOM kill at this request
//	want LOWER TARGET UPPER           what VPA must recommend now
//	act REQUEST AGE_MS QUICK WANT     whether VPA's updater must act (1) on the last recommendation
package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
)

const maxShown = 20

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	checked, wrong, line := 0, 0, 0
	var world *cluster
	for scanner.Scan() {
		line++
		words := strings.Fields(scanner.Text())
		if len(words) == 0 {
			continue
		}
		n := numbers(line, words[1:])
		switch {
		case words[0] == "new" && len(n) == 3:
			world = newCluster(n[0], int(n[1]), int(n[2]))
		case world == nil:
			fail(line, "the first order must be 'new'")
		case words[0] == "use" && len(n) == 3:
			world.use(int(n[0]), n[1], n[2])
		case words[0] == "oom" && len(n) == 3:
			world.oom(int(n[0]), n[1], n[2])
		case words[0] == "want" && len(n) == 3:
			checked++
			got := world.recommend()
			if want := (bounds{n[0], n[1], n[2]}); got != want {
				wrong++
				report(wrong, "line %d: VPA says %v, the port %v", line, got, want)
			}
		case words[0] == "act" && len(n) == 4:
			checked++
			if got := world.acts(n[0], n[1], n[2] == 1); got != (n[3] == 1) {
				wrong++
				report(wrong, "line %d: VPA's updater acts: %v, the port says %d (%s)", line, got, n[3], scanner.Text())
			}
		default:
			fail(line, "not an order: "+scanner.Text())
		}
	}
	if err := scanner.Err(); err != nil {
		fail(line, err.Error())
	}
	if checked == 0 {
		fail(line, "nothing was checked")
	}
	fmt.Printf("vpa-oracle: %d answers compared with VPA 1.7.1, %d differ\n", checked, wrong)
	if wrong > 0 {
		os.Exit(1)
	}
}

func numbers(line int, words []string) []int64 {
	result := make([]int64, len(words))
	for i, word := range words {
		value, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			fail(line, err.Error())
		}
		result[i] = value
	}
	return result
}

func report(count int, format string, arguments ...any) {
	if count <= maxShown {
		fmt.Printf("vpa-oracle: "+format+"\n", arguments...)
	}
}

func fail(line int, message string) {
	fmt.Fprintf(os.Stderr, "vpa-oracle: line %d: %s\n", line, message)
	os.Exit(2)
}
