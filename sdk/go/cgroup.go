// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// cgroup v1 has no word for "no limit" but the largest multiple of the page size; nothing real comes
// near 2^62.
const noCgroupLimit = 1 << 62

// containerMemoryLimit is the lowest memory limit that the process can see on its way up the cgroup
// tree, v2 or v1, below root ("/"); nil when there is none or no cgroup files are to be seen.
func containerMemoryLimit(root string) *uint64 {
	listing, err := os.ReadFile(filepath.Join(root, "proc/self/cgroup"))
	if err != nil {
		return nil
	}
	var lowest *uint64
	for _, line := range strings.Split(string(listing), "\n") {
		// "0::/path" on v2, "4:cpu,memory:/path" on v1.
		fields := strings.SplitN(line, ":", 3)
		if len(fields) != 3 {
			continue
		}
		mount, file := "", ""
		if fields[0] == "0" && fields[1] == "" {
			mount, file = "sys/fs/cgroup", "memory.max"
		} else if hasController(fields[1], "memory") {
			mount, file = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
		} else {
			continue
		}
		// In a container that does not have its own cgroup namespace the path is the host's, and only
		// the top of the mount, which is the container's own group, exists.
		for group := path.Clean("/" + fields[2]); ; group = path.Dir(group) {
			lowest = lower(lowest, readLimit(filepath.Join(root, mount, group, file)))
			if group == "/" {
				break
			}
		}
	}
	return lowest
}

func hasController(list, name string) bool {
	for _, controller := range strings.Split(list, ",") {
		if controller == name {
			return true
		}
	}
	return false
}

func readLimit(file string) *uint64 {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	limit, err := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
	if err != nil || limit >= noCgroupLimit { // "max" is not a number either.
		return nil
	}
	return &limit
}

func lower(a, b *uint64) *uint64 {
	if a == nil || b != nil && *b < *a {
		return b
	}
	return a
}
