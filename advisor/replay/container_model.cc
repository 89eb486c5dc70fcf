// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/container_model.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::replay {
namespace {

constexpr double kPeakHoldSeconds = 10;
// Kubernetes: 10 s, doubling to 5 min, forgotten after ten minutes of running.
constexpr std::int64_t kBackOffSeconds = 10;
constexpr std::int64_t kMaxBackOffSeconds = 300;
constexpr std::int64_t kForgiveMinutes = 10;
constexpr double kFreshShare = 0.3;  // of its level, that a process has when it begins

}  // namespace

double LivedMinute::Highest() const { return std::max({from, level, peak}); }

double LivedMinute::At(int s) const {
  const double end = s + 1;
  if (end <= rise_s) return from + (peak - from) * end / rise_s;
  if (end <= rise_s + kPeakHoldSeconds) return peak;
  return level;
}

double LivedMinute::Mean() const {
  const double rising = 0.5 * (from + peak) * rise_s;
  const double held = std::min(kPeakHoldSeconds, 60 - rise_s);
  return (rising + peak * held + level * (60 - rise_s - held)) / 60;
}

double LivedMinute::Rise() const { return std::max(0.0, peak - from) * std::min(1.0, 5 / rise_s); }

bool ContainerModel::Tick(std::int64_t minute, const Minute& demand, bool restart) {
  if (started_ && AgeMinutes(minute) == kForgiveMinutes) crashes_ = 0;
  if (demand.level <= 0) {
    started_.reset();
    return false;
  }
  const bool in_back_off = minute * 60 < down_until_s_;
  if (in_back_off || (started_ && !restart)) return false;
  started_ = minute;
  last_level_ = kFreshShare * Live(minute, demand).level;
  return true;
}

void ContainerModel::Kill(std::int64_t second_of_run) {
  started_.reset();
  const std::int64_t wait = std::min(kBackOffSeconds << std::min(crashes_, 10), kMaxBackOffSeconds);
  ++crashes_;
  down_until_s_ = second_of_run + wait;
}

LivedMinute ContainerModel::Live(std::int64_t minute, const Minute& m) const {
  const auto age = static_cast<double>(AgeMinutes(minute));
  double factor = age < traits_.startup.minutes ? traits_.startup.factor : 1;
  if (traits_.startup.warm_minutes > 0) {
    const double warmth = std::min(1.0, (age + 1) / traits_.startup.warm_minutes);
    factor *= traits_.startup.from + (1 - traits_.startup.from) * warmth;
  }
  if (traits_.huge_page_minute > 0 && minute >= traits_.huge_page_minute) {
    factor *= traits_.huge_page_factor;
  }
  const double leaked = traits_.leak_per_day * traits_.base * age / 1440;
  LivedMinute lived;
  lived.from = last_level_;
  lived.level = m.level * factor + leaked;
  lived.peak = m.peak * factor + leaked;
  lived.rise_s = m.rise_s;
  lived.cache = m.cache;
  lived.needed_cache = m.needed_cache;
  return lived;
}

}  // namespace plimsoll::replay
