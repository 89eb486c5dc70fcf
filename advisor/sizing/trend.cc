// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/trend.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace plimsoll::sizing {
namespace {

constexpr std::size_t kDays = 6;
constexpr std::size_t kLeastDays = 4;
constexpr std::size_t kPairsForOneOther = 10;  // of so many pairs one may not rise
constexpr double kMargin = 1.06;
// Peaks are stored rounded, to a step of 0.068 %: what is two steps above (0.14 %) rose, what is
// one step above may be the same amount.
constexpr int kLeastSteps = 2;

}  // namespace

std::optional<Trend> SteadyGrowth(const DayPeaks& days, Ledger& ledger) {
  std::array<std::size_t, kDays> ages{};
  std::size_t count = 0;
  for (std::size_t age = 1; age <= kDays; ++age) {
    if (days.by_age[age] != history::kNoData) ages[count++] = age;
  }
  if (count < kLeastDays) return std::nullopt;

  const std::size_t pairs = count * (count - 1) / 2;
  // Most containers do not grow steadily: they are told by their first pairs.
  std::size_t others = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      const bool rising = days.by_age[ages[i]] - days.by_age[ages[j]] >= kLeastSteps;
      if (!rising && ++others * kPairsForOneOther > pairs) return std::nullopt;
    }
  }

  std::array<double, kDays*(kDays - 1) / 2> slopes{};
  std::size_t filled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double later = history::Decode(days.by_age[ages[i]]);
    for (std::size_t j = i + 1; j < count; ++j) {
      slopes[filled++] =
          (later - history::Decode(days.by_age[ages[j]])) / static_cast<double>(ages[j] - ages[i]);
    }
  }
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(filled / 2);
  std::nth_element(slopes.begin(), middle, slopes.begin() + static_cast<std::ptrdiff_t>(filled));
  const double last = history::Decode(days.by_age[ages[0]]);
  ledger.Input("limit.growth_per_day", *middle);
  const double next =
      ledger.Add("limit.next_day", {{"last day's peak", last}, {"limit.growth_per_day", *middle}});
  return Trend{
      .slope = *middle,
      .next_day = next,
      .ahead = ledger.Multiply("limit.trend", {{"limit.next_day", next}, {"margin", kMargin}})};
}

}  // namespace plimsoll::sizing
