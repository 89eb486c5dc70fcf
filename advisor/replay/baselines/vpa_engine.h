// SPDX-License-Identifier: Apache-2.0
//
// VPA's recommender and updater as an engine. Favourable to VPA: every OOM is seen, no poll is
// lost, the updater's loop acts at once and in place, and nothing counts against a disruption
// budget.
#pragma once

#include <map>
#include <string>

#include "advisor/replay/baselines/vpa.h"
#include "advisor/replay/engine.h"

namespace plimsoll::replay {

class VpaEngine final : public PollingEngine {
 public:
  // `floor`: VpaFloor(containers), or 0 for VPA without its floor.
  explicit VpaEngine(Bytes floor) : floor_(floor) {}

  void Poll(std::string_view pod, TimePoint time, Bytes working_set) override;
  using PollingEngine::Observe;
  void Observe(std::string_view pod, const model::OomEvent& event,
               const Resources& in_force) override;
  [[nodiscard]] recommend::Recommendation Advise(const Situation& situation) override;
  [[nodiscard]] std::optional<Resources> Act(const Situation& situation) override;
  [[nodiscard]] Duration Cadence() const override { return std::chrono::minutes(1); }

 private:
  Bytes floor_;
  VpaAggregate aggregate_;
  std::map<std::string, VpaContainer, std::less<>> pods_;
  bool any_ = false;
  bool quick_oom_ = false;
};

}  // namespace plimsoll::replay
