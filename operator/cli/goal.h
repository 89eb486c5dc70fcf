// SPDX-License-Identifier: Apache-2.0
//
// The goals, by the measures of sizing.md §H and against VPA 1.7.1 without its floor. They were set
// before the engine was written, overall and for every single family, and are for Balanced.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "advisor/replay/summary.h"

namespace plimsoll::cli {

inline constexpr std::string_view kRival = "vpa-nofloor";
// Kills per 1000 container-days that are as good as none, where VPA has no more either.
inline constexpr double kFewKills = 2;
// A crash loop that starts at 0.12 of its need ends after that many kills.
inline constexpr int kCrashLoopKills = 3;

struct Goal {
  std::string_view name;
  double unguarded;  // at most this, without the guard
  double guarded;    // and with it, reacting within 2 s
  // Nothing where VPA has none, so that no ratio can be made.
  std::optional<replay::Interval> (*measure)(const replay::Comparison&, const replay::Summary&);
  // What such a ratio is of, per 1000 container-days, to be told as "4.8 / 0".
  replay::Interval replay::Summary::* counted = nullptr;
  double few = 0;  // where VPA has none, at most this of ours

  [[nodiscard]] double Bound(bool with_guard) const { return with_guard ? guarded : unguarded; }
};

// Of request and limit as two numbers, and of both as one.
[[nodiscard]] std::vector<Goal> SplitGoals();
[[nodiscard]] std::vector<Goal> EqualGoals();

// Whether ours, in one family, are more than VPA's and not few on both sides. Worked: 4.8 against 0
// are, 1.5 against 0 and 4.8 against 4.8 are not.
[[nodiscard]] bool MoreKills(double ours, double theirs);

}  // namespace plimsoll::cli
