// SPDX-License-Identifier: Apache-2.0
//
// Robusta KRR's `simple` strategy: request = limit = the highest working set of the last 14 days
// plus 15 %, or 1.25 times the limit of a container that was OOM-killed; at least 100 MB, rounded
// up to a MiB, nothing under 100 points. In its stronger form: OOM data on (its flag is off by
// default) and a scan applied every day (users do it weekly, by hand). Source: KRR
// strategies/simple.py (peers.md §3.1).
#pragma once

#include <deque>

#include "advisor/replay/engine.h"

namespace plimsoll::replay {

class KrrEngine final : public PollingEngine {
 public:
  void Poll(std::string_view pod, TimePoint time, Bytes working_set) override;
  using PollingEngine::Observe;
  void Observe(std::string_view pod, const model::OomEvent& event,
               const Resources& in_force) override;
  [[nodiscard]] recommend::Recommendation Advise(const Situation& situation) override;
  [[nodiscard]] std::optional<Resources> Act(const Situation& situation) override;
  [[nodiscard]] Duration Cadence() const override { return std::chrono::hours(24); }

 private:
  struct Peak {
    TimePoint time;
    Bytes bytes;
  };
  static void Push(std::deque<Peak>& peaks, Peak peak);
  void Forget(TimePoint now);

  // Falling from front to back: the front is the window's maximum.
  std::deque<Peak> usage_;
  std::deque<Peak> killed_limits_;
  std::int64_t points_ = 0;
  std::optional<TimePoint> last_scan_;
};

}  // namespace plimsoll::replay
