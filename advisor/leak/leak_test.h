// SPDX-License-Identifier: Apache-2.0
//
// Leak or not, from the hourly level of one container within one lifetime (gc-tuning.md §6).
//
// Plain Mann-Kendall calls a quarter of all autocorrelated noise a trend; this is the composite
// test that was measured at 0-2 % false alarms. Under two days, all of
//   z > 2.33, Mann-Kendall with Yue-Wang's variance:  V* = V (1 + 2 sum_k (1 - k/n) r1^k)
//   growth over the series >= 5 % of the level and >= the residual's spread
//   the second half grows at least half as fast as the first, the first a fifth of the second
//     (a cache that fills up, or a single step, does not)
// and it is suspected; up to two and a half days what follows must agree. From two and a half days
// on the day-to-day differences D_i = y_(i+24) - y_i decide, which no daily rhythm can fool: z =
// mean / (sd sqrt(tau / n)) > 2.33, tau = (1 + r1) / (1 - r1), mean > 5 % of the level a day, 80 %
// of them positive: confirmed.
#pragma once

#include <cstdint>
#include <span>

namespace plimsoll::leak {

enum class Verdict : std::uint8_t { kNone, kSuspected, kConfirmed };

struct Finding {
  Verdict verdict = Verdict::kNone;
  double slope_per_day = 0;  // bytes; 0 without a verdict
};

inline constexpr std::size_t kLeastHours = 24;

// `hourly`: the level of each hour, oldest first, without gaps; shorter than a day: no verdict.
[[nodiscard]] Finding TestForLeak(std::span<const double> hourly);

}  // namespace plimsoll::leak
