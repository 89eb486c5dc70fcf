// SPDX-License-Identifier: Apache-2.0
//
// Google Autopilot's moving-window recommenders for memory: the maximum, or the 98th percentile
// with a half-life of 48 h, of the peaks of 5 min windows, plus a margin of 12 %, then the highest
// recommendation of the last hour. The paper gives no window length: ours is 7 days. A kill counts
// as a peak of 1.2 times the limit; without that the percentile storms.
// Source: Autopilot (EuroSys 2020), sizing.md §A1.
#pragma once

#include <deque>

#include "advisor/replay/engine.h"

namespace plimsoll::replay {

enum class AutopilotStatistic { kMax, kP98 };

class AutopilotEngine final : public PollingEngine {
 public:
  explicit AutopilotEngine(AutopilotStatistic statistic) : statistic_(statistic) {}

  void Poll(std::string_view pod, TimePoint time, Bytes working_set) override;
  using PollingEngine::Observe;
  // Autopilot samples every second: the peak of its window is the digest's.
  void Observe(std::string_view pod, const model::MemoryDigest& digest) override;
  void Observe(std::string_view pod, const model::OomEvent& event,
               const Resources& in_force) override;
  [[nodiscard]] recommend::Recommendation Advise(const Situation& situation) override;
  [[nodiscard]] std::optional<Resources> Act(const Situation& situation) override;
  [[nodiscard]] Duration Cadence() const override { return std::chrono::minutes(30); }

 private:
  struct Window {
    TimePoint end;
    double peak;
  };
  void AddPeak(TimePoint time, double bytes);
  [[nodiscard]] double Statistic(TimePoint now) const;

  AutopilotStatistic statistic_;
  std::deque<Window> windows_;
  std::deque<Window> last_hour_;  // recommendations, highest kept
};

}  // namespace plimsoll::replay
