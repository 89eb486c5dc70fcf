// SPDX-License-Identifier: Apache-2.0
//
// A cgroup tree made of ordinary files, v1 or v2, in a directory of its own that goes away with it.
// For what real cgroups cannot be made to do: other runtimes' names, other kernels' files, faults.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace plimsoll::agent::testing {

inline constexpr char kV2Stat[] =
    "anon 41943040\nfile 31457280\nkernel 8388608\nkernel_stack 65536\npagetables 131072\n"
    "sec_pagetables 0\npercpu 960\nsock 1048576\nvmalloc 0\nshmem 4194304\nfile_mapped 0\n"
    "file_dirty 0\nfile_writeback 0\nswapcached 0\nanon_thp 0\ninactive_anon 41943040\n"
    "active_anon 4194304\ninactive_file 10485760\nactive_file 14680064\nunevictable 2097152\n"
    "slab_reclaimable 3145728\nslab_unreclaimable 4194304\nslab 7340032\n"
    "workingset_refault_anon 0\nworkingset_refault_file 17\n";

inline constexpr char kV1Stat[] =
    "cache 31457280\nrss 41943040\nrss_huge 0\nshmem 4194304\nhierarchical_memory_limit 268435456\n"
    "total_cache 31457280\ntotal_rss 41943040\ntotal_rss_huge 0\ntotal_shmem 4194304\n"
    "total_workingset_refault_file 17\ntotal_inactive_file 10485760\ntotal_active_file 14680064\n"
    "total_unevictable 2097152\n";

class CgroupTree {
 public:
  CgroupTree() {
    std::string name = (std::filesystem::temp_directory_path() / "plimsoll-tree-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~CgroupTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  CgroupTree(const CgroupTree&) = delete;
  CgroupTree& operator=(const CgroupTree&) = delete;

  [[nodiscard]] const std::string& root() const { return root_; }

  void Write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root_ + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    // Over the same file, as the kernel's files stay the same for an open descriptor.
    std::ofstream(file, std::ios::trunc) << text;
  }
  void Remove(const std::string& path) const { std::filesystem::remove_all(root_ + "/" + path); }

  // A v2 cgroup with 60 MiB of usage and a limit of 256 MiB.
  void AddV2(const std::string& path) const {
    Write("cgroup.controllers", "cpu memory pids\n");
    Write(path + "/memory.current", "62914560\n");
    Write(path + "/memory.stat", kV2Stat);
    Write(path + "/memory.max", "268435456\n");
    Write(path + "/memory.high", "max\n");
    Write(path + "/memory.swap.current", "0\n");
    Write(path + "/memory.events", "low 0\nhigh 0\nmax 3\noom 0\noom_kill 0\noom_group_kill 0\n");
    Write(path + "/memory.pressure",
          "some avg10=0.00 avg60=0.00 avg300=0.00 total=1000\n"
          "full avg10=0.00 avg60=0.00 avg300=0.00 total=400\n");
    Write(path + "/memory.oom.group", "1\n");
    Write(path + "/cgroup.procs", "");
    Write(path + "/cgroup.events", "populated 1\nfrozen 0\n");
  }

  // The same on v1, below memory/.
  void AddV1(const std::string& path) const {
    for (const std::string& at : {std::string("memory/"), "memory/" + path + "/"}) {
      Write(at + "memory.usage_in_bytes", "62914560\n");
      Write(at + "memory.max_usage_in_bytes", "73400320\n");
      Write(at + "memory.stat", kV1Stat);
      Write(at + "memory.limit_in_bytes", "268435456\n");
      Write(at + "memory.failcnt", "3\n");
      Write(at + "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
      Write(at + "memory.kmem.usage_in_bytes", "8388608\n");
      Write(at + "cgroup.procs", "");
    }
  }

 private:
  std::string root_;
};

// "aaaa…" 64 digits long.
inline std::string IdOf(char digit) { return std::string(64, digit); }
inline constexpr char kUid[] = "0c8e2d58-2f9b-4a3c-9f1e-5a6b7c8d9e0f";
inline constexpr char kUidUnderscored[] = "0c8e2d58_2f9b_4a3c_9f1e_5a6b7c8d9e0f";

}  // namespace plimsoll::agent::testing
