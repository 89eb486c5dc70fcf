// SPDX-License-Identifier: Apache-2.0
//
// Real cgroups laid out as a kubelet does, below a directory of this process's own name that goes
// away with the object; what a killed run has left is removed first.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll::kernel_test {

// The mount to test on: $PLIMSOLL_CGROUP_MOUNT, else /sys/fs/cgroup.
std::string CgroupMount();
bool IsV2();

class KubeTree {
 public:
  KubeTree();
  ~KubeTree();
  KubeTree(const KubeTree&) = delete;
  KubeTree& operator=(const KubeTree&) = delete;

  // What the agent is given as --cgroup-root.
  [[nodiscard]] std::string root() const { return CgroupMount(); }

  struct Pod {
    std::string uid;
    std::string path;
  };
  struct Container {
    Pod pod;
    std::string id;
    std::string path;
  };
  // Limits in MiB; 0: none.
  [[nodiscard]] Pod AddPod(int limit_mib);
  [[nodiscard]] Container AddContainer(const Pod& pod, int limit_mib);
  // A container cgroup under a name that was there before.
  void Recreate(const Container& container, int limit_mib);
  static void SetLimit(const std::string& path, int limit_mib);
  // Kills what is inside and removes the cgroup, as a runtime does.
  static void Remove(const Container& container);

 private:
  std::string base_;
};

// A kernel_load running in a container; killed with the object.
class Load {
 public:
  Load(const KubeTree::Container& container, const std::vector<std::string>& arguments);
  ~Load();
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  // True while the process itself (the container's PID 1) has not ended.
  [[nodiscard]] bool Alive();
  // "child" and "group": starts the next child.
  void Again() const;

 private:
  pid_t pid_ = -1;
  bool reaped_ = false;
};

// The directory of our programs.
std::string BinDirectory();

}  // namespace plimsoll::kernel_test
