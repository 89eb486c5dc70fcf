// SPDX-License-Identifier: Apache-2.0
//
// One cgroup of the memory controller, held open. Files are opened once below the directory's own
// descriptor and read again and again: cheap, and a cgroup that is removed and made anew under the
// same name is never mistaken for the old one (reading the old descriptors says kGone).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "operator/agent/base/fd.h"
#include "operator/agent/cgroup/hierarchy.h"
#include "operator/agent/cgroup/reading.h"

namespace plimsoll::agent {

// What of a reading this cgroup can give.
struct GroupAbilities {
  bool pressure = false;
  bool peak_reset = false;
  bool threshold = false;  // v1: cgroup.event_control can be written
};

// What a reading need not ask the kernel for.
struct Known {
  std::optional<Bytes> usage{};           // read just now
  const MemoryReading* limits = nullptr;  // an earlier reading whose limit and high still hold
};

class MemoryGroup {
 public:
  virtual ~MemoryGroup() = default;

  // `path` is relative to the hierarchy's root. Errors: kGone, kForbidden, kInvalid.
  [[nodiscard]] static Result<std::unique_ptr<MemoryGroup>> Open(const Hierarchy& hierarchy,
                                                                 const std::string& path);

  // All errors below: kGone when the cgroup has been removed; kInvalid when a file is truncated,
  // lacks a key or holds an absurd number (the message names the file). Nothing of it may be used.
  [[nodiscard]] virtual Result<MemoryReading> Read(const Known& known) = 0;
  // Only the kernel's own count: a tenth of the cost of Read.
  [[nodiscard]] virtual Result<Bytes> ReadUsage() = 0;
  [[nodiscard]] virtual Result<std::optional<Bytes>> ReadLimit() = 0;
  [[nodiscard]] virtual Result<EventCounts> ReadEvents() = 0;
  // Highest usage since the last call, where the kernel resets it per descriptor (v2, 6.12 or
  // newer); nullopt elsewhere, and on the first call after that ability was lost.
  [[nodiscard]] virtual Result<std::optional<Bytes>> TakePeak() = 0;
  // Highest usage since the cgroup was made; nullopt where the kernel does not tell (v2
  // before 5.19).
  [[nodiscard]] virtual Result<std::optional<Bytes>> ReadLifetimePeak() = 0;
  // nullopt where there is no pressure information.
  [[nodiscard]] virtual Result<std::optional<PressureTotals>> ReadPressure() = 0;
  // True when an OOM kill takes the whole group (memory.oom.group; never on v1).
  [[nodiscard]] virtual Result<bool> KillsWholeGroup() = 0;

  // A descriptor to poll: v2 memory.events (EPOLLPRI), v1 an eventfd on memory.oom_control
  // (EPOLLIN). -1 when the kernel lets us have none; then polling must do. Valid as long as this
  // object.
  [[nodiscard]] virtual int EventFd() = 0;
  // v1: an eventfd that fires when usage crosses `mark`; replaces the earlier one. -1 elsewhere.
  [[nodiscard]] virtual int WatchThreshold(Bytes mark) = 0;
  // v2: a descriptor that fires (EPOLLPRI) when tasks stall for memory 50 ms of 1 s. -1 elsewhere.
  [[nodiscard]] virtual int WatchPressure() = 0;

  [[nodiscard]] const GroupAbilities& abilities() const { return abilities_; }

  // The processes in the group itself, in our PID namespace; 0 for those we cannot see. At most
  // what fits 16 KiB (about 2000). Errors as above.
  [[nodiscard]] Result<std::vector<int>> Processes() const;
  // True when any process lives in the group or below it; on v1 in the group itself.
  [[nodiscard]] Result<bool> Populated() const;
  // True when there are cgroups below it, or when that cannot be told.
  [[nodiscard]] bool HasSubgroups() const;

 protected:
  explicit MemoryGroup(Fd dir) : dir_(std::move(dir)) {}
  Fd dir_;
  GroupAbilities abilities_;
};

}  // namespace plimsoll::agent
