// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/krr.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "advisor/replay/baselines/answer.h"

namespace plimsoll::replay {
namespace {

constexpr Duration kHistory = std::chrono::hours(336);
constexpr std::int64_t kPointsRequired = 100;
constexpr Bytes kFloor{100'000'000};
constexpr double kMiB = 1 << 20;

}  // namespace

void KrrEngine::Push(std::deque<Peak>& peaks, Peak peak) {
  while (!peaks.empty() && peaks.back().bytes <= peak.bytes) peaks.pop_back();
  peaks.push_back(peak);
}

void KrrEngine::Forget(TimePoint now) {
  const auto drop = [now](std::deque<Peak>& peaks) {
    while (!peaks.empty() && peaks.front().time < now - kHistory) peaks.pop_front();
  };
  drop(usage_);
  drop(killed_limits_);
}

void KrrEngine::Poll(std::string_view, TimePoint time, Bytes working_set) {
  ++points_;
  Push(usage_, {time, working_set});
}

void KrrEngine::Observe(std::string_view, const model::OomEvent& event, const Resources& in_force) {
  if (event.kind == model::OomKind::kContainerOom) {
    Push(killed_limits_, {event.time, in_force.limit});
  }
}

recommend::Recommendation KrrEngine::Advise(const Situation& situation) {
  Forget(situation.now);
  if (points_ == 0) return NoWorkingSet("KRR");
  if (points_ < kPointsRequired) {
    return NoAnswer("KRR answers from " + std::to_string(kPointsRequired) +
                    " working sets on, and was told " + std::to_string(points_) +
                    "; ask later, or read more often");
  }
  if (usage_.empty()) {
    return NoAnswer(
        "KRR reads 14 days, and no working set was told in them; add working_set to "
        "the digests");
  }
  Bytes need = usage_.front().bytes * Ratio(1.15);
  if (!killed_limits_.empty()) need = std::max(need, killed_limits_.front().bytes * Ratio(1.25));
  need = std::max(need, kFloor);
  need = Bytes::FromDouble(std::ceil(need.AsDouble() / kMiB) * kMiB);
  return Answer(need, situation);
}

std::optional<Resources> KrrEngine::Act(const Situation& situation) {
  // A scan is a scan: a kill does not bring the next one forward.
  if (last_scan_ && situation.now - *last_scan_ < Cadence()) return std::nullopt;
  last_scan_ = situation.now;
  const auto answer = Advise(situation);
  if (!answer.limit) return std::nullopt;
  const Resources wanted{*answer.request, *answer.limit};
  if (Both(situation.in_force) == wanted) return std::nullopt;
  return wanted;
}

}  // namespace plimsoll::replay
