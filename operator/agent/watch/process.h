// SPDX-License-Identifier: Apache-2.0
//
// What /proc tells of a container's processes: which is its PID 1, since when it runs, whether it
// still does. Needs the host's PID namespace; without it everything here is absent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/agent/base/fd.h"

namespace plimsoll::agent {

struct InitProcess {
  int pid = 0;   // in our PID namespace
  Fd pidfd;      // readable once it has exited; invalid where a sandbox forbids pidfd_open
  Fd directory;  // its /proc/<pid>, only without a pidfd
  TimePoint started{};

  [[nodiscard]] bool Alive() const;
};

class ProcessTable {
 public:
  // `proc` is where the host's procfs is mounted. Errors: kNotFound, kForbidden.
  [[nodiscard]] static Result<ProcessTable> Open(const std::string& proc);

  // The container's main process among `pids`, the members of its cgroup: the one that is PID 1 of
  // its PID namespace; where the pod shares one, the one that started first. nullopt when none of
  // them can be seen.
  [[nodiscard]] std::optional<InitProcess> FindInit(const std::vector<int>& pids) const;

  // The directory of process `pid`, which stays that process's even when the number is used again
  // (then reading fails with kGone).
  [[nodiscard]] Result<Fd> Directory(int pid) const;

  // The cgroup path of the process behind a directory from Directory: of the memory controller on
  // v1, of the unified tree on v2. Errors: kGone, kInvalid.
  [[nodiscard]] static Result<std::string> CgroupOf(const Fd& directory);

 private:
  explicit ProcessTable(Fd proc) : proc_(std::move(proc)) {}
  Fd proc_;
};

}  // namespace plimsoll::agent
