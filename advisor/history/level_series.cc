// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/level_series.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace plimsoll::history {
namespace {

constexpr Minute kWarmUp = 30;
constexpr Hour kSilentTooLong = 2;
// A container start is stamped by different clocks; a restart is minutes later.
constexpr Minute kSameStart = 1;
constexpr int kLeastGrowthSteps = 50;  // 3.4 %: below it no leak test can pass

// Lower stands for all. A live heap says more than usage, and its start, of the process, is not to
// be laid beside a container's; an unknown start is no early one.
std::tuple<bool, bool, Minute, std::uint32_t> Rank(std::uint32_t pod, Minute start,
                                                   LevelKind kind) {
  return {kind != LevelKind::kLive, start == 0, start, pod};
}

}  // namespace

void LevelSeries::Begin(std::uint32_t pod, Minute start, Hour hour, LevelKind kind) {
  *this = {};
  pod_ = pod;
  start_ = start;
  head_ = hour;
  filled_ = 1;
  kind_ = static_cast<std::uint8_t>(kind);
}

// Whether this reading belongs to the series, which begins anew when its pod is gone or restarted.
bool LevelSeries::Follow(std::uint32_t pod, Minute start, Hour hour, LevelKind kind) {
  const bool silent = pod_ == 0 || hour > head_ + kSilentTooLong;
  if (silent) {
    Begin(pod, start, hour, kind);
    return true;
  }
  if (pod != pod_) {
    // Of those that are there in its first hour, when nothing is lost yet, the oldest stands for
    // all: not the one whose reading came first.
    const bool first_hour = filled_ == 1 && hour == head_;
    const auto held_kind = static_cast<LevelKind>(kind_);
    if (!first_hour || Rank(pod, start, kind) >= Rank(pod_, start_, held_kind)) return false;
    Begin(pod, start, hour, kind);
    return true;
  }
  if (hour < head_) return false;
  const bool restarted = start > start_ + kSameStart;
  // A live heap says more than usage; usage takes over again only after silence.
  const bool better = kind == LevelKind::kLive && kind_ == 0;
  if (restarted || better) {
    Begin(pod, start, hour, kind);
    return true;
  }
  return static_cast<std::uint8_t>(kind) == kind_;
}

void LevelSeries::Observe(std::uint32_t pod, Minute start, Minute minute, LevelKind kind,
                          LogCode level) {
  const auto hour = static_cast<Hour>(minute / 60);
  if (minute < start + kWarmUp || DayOf(hour) > kLastDay) return;
  if (!Follow(pod, start, hour, kind)) return;
  if (hour > head_) {
    Judge();
    // A missing hour repeats the one before: the test wants no gaps.
    for (Hour fresh = head_ + 1; fresh < hour; ++fresh) levels_[Slot(fresh)] = levels_[Slot(head_)];
    filled_ = static_cast<std::uint8_t>(std::min(kHours, filled_ + (hour - head_)));
    head_ = hour;
    levels_[Slot(hour)] = level;
    return;
  }
  LogCode& held = levels_[Slot(hour)];
  held = held == kNoData ? level : std::min(held, level);
}

// On the hours that are complete.
void LevelSeries::Judge() {
  verdict_ = 0;
  slope_ = kNoData;
  if (filled_ < leak::kLeastHours) return;
  std::array<double, kHours> series{};
  LogCode lowest = 0xFFFF;
  for (int i = 0; i < filled_; ++i) {
    const LogCode level = levels_[Slot(head_ - filled_ + 1 + i)];
    lowest = std::min(lowest, level);
    series[static_cast<std::size_t>(i)] = Decode(level);
  }
  // Most series do not grow, and are told without a test.
  if (levels_[Slot(head_)] < lowest + kLeastGrowthSteps) return;
  const leak::Finding finding = leak::TestForLeak({series.data(), filled_});
  verdict_ = static_cast<std::uint8_t>(finding.verdict);
  if (finding.verdict != leak::Verdict::kNone) {
    slope_ = EncodeUp(Bytes::FromDouble(finding.slope_per_day));
  }
}

void LevelSeries::Merge(const LevelSeries& other) {
  const auto rank = [](const LevelSeries& s) { return std::tuple(s.filled_, s.head_, s.pod_); };
  if (rank(other) > rank(*this)) *this = other;
}

}  // namespace plimsoll::history
