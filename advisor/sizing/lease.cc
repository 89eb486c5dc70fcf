// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/lease.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace plimsoll::sizing {
namespace {

constexpr int kFreshDays = 2;
constexpr history::Minute kMinutesPerDay = 24 * 60;
constexpr history::Minute kKillsCompared = 28 * kMinutesPerDay;

bool Held(double peak, int age, double usual, double price_days) {
  return age <= kFreshDays || peak <= usual * (1 + price_days / age);
}

// Whether any day from the kill on peaked above the limit that killed.
bool SeenAbove(const DayPeaks& days, int age, double limit) {
  const auto first = days.by_age.begin();
  const int oldest = std::min(age + 1, history::kDaysKept - 1);
  return history::Decode(*std::max_element(first, first + oldest + 1)) > limit;
}

}  // namespace

double KillPriceDays(model::Objective objective) {
  switch (objective) {
    case model::Objective::kSavings:
      return 5;
    case model::Objective::kBalanced:
      return 15;
    case model::Objective::kReliability:
      return 30;
  }
  return 15;
}

bool KilledAgain(std::span<const history::LimitRefuted> refuted, history::Minute now) {
  return std::ranges::count_if(refuted, [now](const history::LimitRefuted& record) {
           return record.last + kKillsCompared >= now;
         }) >= 2;
}

Lease LeasedPeak(const DayPeaks& days, std::span<const history::LimitRefuted> refuted,
                 history::Minute now, double usual, double price_days, Ledger& ledger) {
  history::LogCode best = history::kNoData;
  Lease lease;
  for (int age = 1; age < history::kDaysKept; ++age) {
    const history::LogCode code = days.by_age[static_cast<std::size_t>(age)];
    if (code <= best) continue;
    const double peak = history::Decode(code);
    if (!Held(peak, age, usual, price_days)) continue;
    best = code;
    lease = {.base = peak, .age = age, .beyond_two_days = age > kFreshDays};
  }
  double killed = 0;
  for (const history::LimitRefuted& record : refuted) {
    if (record.last > now) continue;
    const int age = static_cast<int>((now - record.last) / kMinutesPerDay);
    // A reading above that limit on the day or after it says more than the kill did.
    if (age < 1 || SeenAbove(days, age, record.Limit())) continue;
    const double shown = record.Limit() * kKillShows;
    if (Held(shown, age, usual, price_days)) killed = std::max(killed, shown);
  }
  if (lease.base == 0) return lease;
  const std::string name =
      ledger.on() ? "peak of day -" + std::to_string(lease.age) : std::string();
  if (killed > lease.base) {
    const double peak = lease.base;
    lease = {.base = killed, .age = 0, .beyond_two_days = true};
    ledger.Max("limit.base", {{name, peak}, {"limit at an OOM kill, times 1.15", killed}});
  } else {
    ledger.Max("limit.base", {{name, lease.base}});
  }
  return lease;
}

}  // namespace plimsoll::sizing
