// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/cheapest_hold.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "advisor/history/log_code.h"

namespace plimsoll::sizing {
namespace {

constexpr int kDaysJudged = 21;
constexpr double kOutdone = 1.02;
constexpr std::array<int, 5> kHolds = {1, 2, 4, 7, 14};

using Peaks = std::array<double, kDaysJudged + 16>;

double HighestOf(const Peaks& peaks, int from, int days) {
  const auto first = peaks.begin() + from;
  return days > 0 ? *std::max_element(first, first + days) : 0;
}

}  // namespace

double RaisePriceDays(model::Objective objective) {
  switch (objective) {
    case model::Objective::kSavings:
      return 1;
    case model::Objective::kBalanced:
      return 3;
    case model::Objective::kReliability:
      return 7;
  }
  return 3;
}

int CheapestHold(const DayPeaks& days, double usual, double price_days) {
  Peaks peaks{};
  int known = 0;
  for (int age = 1; age < static_cast<int>(peaks.size()); ++age) {
    const auto index = static_cast<std::size_t>(age);
    peaks[index] = history::Decode(days.by_age[index]);
    if (peaks[index] > 0) known = age;
  }
  int best = kHolds.front();
  double least = 0;
  for (const int hold : kHolds) {
    double cost = 0;
    for (int age = std::min(kDaysJudged, known - 1); age >= 1; --age) {
      const double peak = peaks[static_cast<std::size_t>(age)];
      const double limit = HighestOf(peaks, age + 1, std::min(hold, known - age));
      cost += std::max(limit, peak);
      if (peak > limit * kOutdone) cost += price_days * usual;
    }
    if (hold == kHolds.front() || cost < least) {
      least = cost;
      best = hold;
    }
  }
  return best;
}

}  // namespace plimsoll::sizing
