// SPDX-License-Identifier: Apache-2.0

package plimsoll

import (
	"os"
	"path/filepath"
	"testing"
)

func TestContainerMemoryLimit(t *testing.T) {
	type files map[string]string
	const limit = uint64(256 << 20)
	for name, c := range map[string]struct {
		files files
		want  uint64 // 0: none.
	}{
		"no cgroup files":   {files{}, 0},
		"v2 in a container": {files{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "268435456\n"}, limit},
		"v2 without limit":  {files{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 0},
		"v2, the lowest on the way up": {files{
			"proc/self/cgroup":                       "0::/pod/container\n",
			"sys/fs/cgroup/pod/memory.max":           "268435456\n",
			"sys/fs/cgroup/pod/container/memory.max": "536870912\n"}, limit},
		"v1, the host's path is not there": {files{
			"proc/self/cgroup":                           "5:cpu,cpuacct:/x\n4:memory:/kubepods/pod1/c1\n0::/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n"}, limit},
		"v1 without limit": {files{
			"proc/self/cgroup":                           "4:memory:/\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n"}, 0},
		"nonsense": {files{"proc/self/cgroup": "::\n\x00\n0::../../..\n", "sys/fs/cgroup/memory.max": "-5"}, 0},
	} {
		root := t.TempDir()
		for file, content := range c.files {
			path := filepath.Join(root, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got := containerMemoryLimit(root)
		if (got == nil) != (c.want == 0) || got != nil && *got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
