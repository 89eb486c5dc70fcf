// SPDX-License-Identifier: Apache-2.0
//
// MemoryGroup on cgroup v2.
#pragma once

#include <memory>

#include "operator/agent/cgroup/memory_group.h"

namespace plimsoll::agent {

class MemoryGroupV2 final : public MemoryGroup {
 public:
  [[nodiscard]] static Result<std::unique_ptr<MemoryGroup>> Open(Fd dir);

  Result<MemoryReading> Read(const Known& known) override;
  Result<Bytes> ReadUsage() override;
  Result<std::optional<Bytes>> ReadLimit() override;
  Result<EventCounts> ReadEvents() override;
  Result<std::optional<Bytes>> TakePeak() override;
  Result<std::optional<Bytes>> ReadLifetimePeak() override;
  Result<std::optional<PressureTotals>> ReadPressure() override;
  Result<bool> KillsWholeGroup() override;
  int EventFd() override { return events_.get(); }
  int WatchThreshold(Bytes) override { return -1; }
  int WatchPressure() override;

 private:
  explicit MemoryGroupV2(Fd dir) : MemoryGroup(std::move(dir)) {}
  // Opens for writing where allowed and tries the reset, which only kernel 6.12 and newer take.
  void OpenPeak();

  Fd current_, stat_, max_, events_, high_, swap_, pressure_, peak_, pressure_trigger_;
};

}  // namespace plimsoll::agent
