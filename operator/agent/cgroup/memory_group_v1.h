// SPDX-License-Identifier: Apache-2.0
//
// MemoryGroup on cgroup v1. Poorer: no pressure, no peak that can be reset for us alone (a write to
// memory.max_usage_in_bytes resets it for everybody, so it is never written), no split of slab into
// reclaimable and not (all kernel memory counts as hard).
#pragma once

#include <memory>

#include "operator/agent/cgroup/memory_group.h"

namespace plimsoll::agent {

class MemoryGroupV1 final : public MemoryGroup {
 public:
  [[nodiscard]] static Result<std::unique_ptr<MemoryGroup>> Open(Fd dir);

  Result<MemoryReading> Read(const Known& known) override;
  Result<Bytes> ReadUsage() override;
  Result<std::optional<Bytes>> ReadLimit() override;
  Result<EventCounts> ReadEvents() override;
  Result<std::optional<Bytes>> TakePeak() override { return std::optional<Bytes>(); }
  Result<std::optional<Bytes>> ReadLifetimePeak() override;
  Result<std::optional<PressureTotals>> ReadPressure() override {
    return std::optional<PressureTotals>();
  }
  Result<bool> KillsWholeGroup() override { return false; }
  int EventFd() override { return oom_event_.get(); }
  int WatchThreshold(Bytes mark) override;
  int WatchPressure() override { return -1; }

 private:
  explicit MemoryGroupV1(Fd dir) : MemoryGroup(std::move(dir)) {}
  // An eventfd that the kernel signals about `file`; invalid when it may not be had.
  [[nodiscard]] Fd Subscribe(const Fd& file, const std::string& argument) const;

  Fd usage_, stat_, limit_, failcnt_, oom_control_, kernel_, oom_event_, threshold_event_;
};

}  // namespace plimsoll::agent
