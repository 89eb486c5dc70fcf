// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/margin.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

namespace plimsoll::sizing {
namespace {

constexpr std::size_t kDaysCompared = 28;
constexpr std::size_t kDaysBefore = 14;
constexpr std::size_t kLeastBefore = 3;
constexpr double kWidth = 1.1;
constexpr double kLeast = 0.03;
constexpr double kMost = 0.80;
constexpr double kPrior = 0.12;
constexpr double kPriorDays = 4;

struct Surprises {
  std::array<int, kDaysCompared> steps{};  // in LogCode steps, unordered
  std::size_t count = 0;
};

bool EnoughBefore(const DayPeaks& days, std::size_t age) {
  const auto first = days.by_age.begin() + static_cast<std::ptrdiff_t>(age) + 1;
  const auto unknown = std::count(first, first + kDaysBefore, history::kNoData);
  return kDaysBefore - static_cast<std::size_t>(unknown) >= kLeastBefore;
}

// By how much each day outdid the two weeks before it.
Surprises FindSurprises(const DayPeaks& days) {
  Surprises found;
  const auto highest = HighestOf<kDaysBefore, kDaysCompared + 2>(days);
  for (std::size_t age = 1; age <= kDaysCompared; ++age) {
    const history::LogCode before = highest[age + 1];
    if (days.by_age[age] <= before || !EnoughBefore(days, age)) continue;
    found.steps[found.count++] = days.by_age[age] - before;
  }
  return found;
}

double WorthCovering(const DayPeaks& days, double price_days) {
  Surprises surprises = FindSurprises(days);
  const auto end = surprises.steps.begin() + static_cast<std::ptrdiff_t>(surprises.count);
  std::sort(surprises.steps.begin(), end, std::greater<>());
  double best = 0;
  double least_cost = price_days * static_cast<double>(surprises.count);
  for (std::size_t i = 0; i < surprises.count; ++i) {
    const double margin = surprises.steps[i] * history::kLnPerStep;
    const double cost = margin * kDaysCompared + price_days * static_cast<double>(i);
    if (cost >= least_cost) continue;
    least_cost = cost;
    best = margin;
  }
  return best;
}

}  // namespace

double Margin(const DayPeaks& days, double price_days, Ledger& ledger) {
  const double usual =
      ledger.Input("limit.surprise_worth_covering", WorthCovering(days, price_days), "ratio");
  const double wide = ledger.Multiply(
      "limit.spread", {{"limit.surprise_worth_covering", usual}, {"width", kWidth}}, "ratio");
  const double least =
      ledger.Max("limit.spread_at_least", {{"limit.spread", wide}, {"least", kLeast}}, "ratio");
  const double spread =
      ledger.Min("limit.spread_used", {{"limit.spread_at_least", least}, {"most", kMost}}, "ratio");
  const double seen = days.complete_days;
  const double weighted = ledger.Multiply(
      "limit.spread_weighted", {{"limit.spread_used", spread}, {"days seen", seen}}, "ratio");
  const double sum = ledger.Add(
      "limit.spread_and_prior",
      {{"limit.spread_weighted", weighted}, {"prior 0.12 for 4 days", kPrior * kPriorDays}},
      "ratio");
  return ledger.Divide("limit.margin", {"limit.spread_and_prior", sum},
                       {"days seen + 4", seen + kPriorDays}, "ratio");
}

}  // namespace plimsoll::sizing
