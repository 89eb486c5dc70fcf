// SPDX-License-Identifier: Apache-2.0
//
// Crane's resource recommendation for memory: the 99th percentile over 7 days of one-minute samples
// with a half-life of 48 h, in linear buckets of 100 MiB of which the end counts, plus 15 %; an OOM
// kill asks for max(request + 100 MB, request * 1.2) for 7 days. Adopted automatically, once a day,
// and at once after a kill.
// Source: Crane recommendation/recommender/resource and pkg/oom (peers.md §3.3).
#pragma once

#include <deque>
#include <map>

#include "advisor/replay/engine.h"

namespace plimsoll::replay {

class CraneEngine final : public PollingEngine {
 public:
  void Poll(std::string_view pod, TimePoint time, Bytes working_set) override;
  using PollingEngine::Observe;
  void Observe(std::string_view pod, const model::OomEvent& event,
               const Resources& in_force) override;
  [[nodiscard]] recommend::Recommendation Advise(const Situation& situation) override;
  [[nodiscard]] std::optional<Resources> Act(const Situation& situation) override;
  [[nodiscard]] Duration Cadence() const override { return std::chrono::hours(24); }

 private:
  struct Day {
    std::int64_t number;
    std::map<std::int64_t, double> bucket_weight;  // decayed to the epoch, see the .cc
  };
  struct Bump {
    TimePoint time;
    Bytes bytes;
  };
  [[nodiscard]] Bytes Percentile() const;

  std::deque<Day> days_;
  std::deque<Bump> bumps_;
  std::optional<TimePoint> first_poll_;
};

}  // namespace plimsoll::replay
