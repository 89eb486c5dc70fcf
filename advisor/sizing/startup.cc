// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/startup.h"

#include <algorithm>
#include <chrono>

#include "advisor/model/clock_skew.h"

namespace plimsoll::sizing {
namespace {

constexpr history::Minute kStartGoesOn = 2 * history::kStartPhase.count();
constexpr history::Minute kAhead =
    std::chrono::floor<std::chrono::minutes>(model::kClockSkew).count();

}  // namespace

history::LogCode StartPeak(const history::ContainerHistory& history) {
  const history::Drift& drift = history.drift();
  history::LogCode highest = history::kNoData;
  for (const history::StartRecord& start : history.starts().Counted()) {
    if (start.slot == 0) break;
    const bool before_fall =
        start.FirstMinute() / (24 * 60) < static_cast<unsigned>(std::max(drift.fall_day, 0));
    const int peak = start.start_peak + (before_fall ? drift.scale_steps : 0);
    highest = std::max(highest, static_cast<history::LogCode>(std::max(peak, 1)));
  }
  return highest;
}

history::LogCode RunningStartPeak(const history::StartLog& starts, history::Minute now) {
  history::LogCode highest = history::kNoData;
  for (const history::StartRecord& start : starts.starts()) {
    if (start.FirstMinute() > now + kAhead) continue;  // by a clock that was set back
    if (start.FirstMinute() + kStartGoesOn < now) break;
    if (start.Clean()) highest = std::max(highest, start.start_peak);
  }
  return highest;
}

}  // namespace plimsoll::sizing
