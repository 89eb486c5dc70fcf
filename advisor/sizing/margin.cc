// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/margin.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

namespace plimsoll::sizing {
namespace {

constexpr int kDaysCompared = 14;
constexpr double kLeast = 0.06;
constexpr double kMost = 0.40;
constexpr double kPrior = 0.12;
constexpr double kPriorDays = 3;

// Median absolute change of neighbouring days, in natural logarithm; days without data are passed
// over, so a gap compares the days on both sides of it.
double TypicalChange(const DayPeaks& days) {
  std::array<int, kDaysCompared> changes{};
  std::size_t count = 0;
  history::LogCode later = history::kNoData;
  for (std::size_t age = 1; age <= kDaysCompared + 1; ++age) {
    const history::LogCode peak = days.by_age[age];
    if (peak == history::kNoData) continue;
    if (later != history::kNoData && count < changes.size())
      changes[count++] = std::abs(later - peak);
    later = peak;
  }
  if (count == 0) return 0;
  const auto middle = changes.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(changes.begin(), middle, changes.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle * history::kLnPerStep;
}

}  // namespace

double Margin(const DayPeaks& days, Ledger& ledger) {
  const double typical = ledger.Input("limit.typical_daily_change", TypicalChange(days), "ratio");
  const double wide = ledger.Multiply(
      "limit.spread",
      {{"limit.typical_daily_change", typical}, {"sigma per median", 1.4826}, {"width", 2.5}},
      "ratio");
  const double least =
      ledger.Max("limit.spread_at_least", {{"limit.spread", wide}, {"least", kLeast}}, "ratio");
  const double spread =
      ledger.Min("limit.spread_used", {{"limit.spread_at_least", least}, {"most", kMost}}, "ratio");
  const double seen = days.complete_days;
  const double weighted = ledger.Multiply(
      "limit.spread_weighted", {{"limit.spread_used", spread}, {"days seen", seen}}, "ratio");
  const double sum = ledger.Add(
      "limit.spread_and_prior",
      {{"limit.spread_weighted", weighted}, {"prior 0.12 for 3 days", kPrior * kPriorDays}},
      "ratio");
  return ledger.Divide("limit.margin", {"limit.spread_and_prior", sum},
                       {"days seen + 3", seen + kPriorDays}, "ratio");
}

}  // namespace plimsoll::sizing
