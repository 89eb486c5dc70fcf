// SPDX-License-Identifier: Apache-2.0
//
// The daily peaks as estimators want them: by age, today being age 0.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "advisor/history/container_history.h"
#include "advisor/history/log_code.h"
#include "advisor/history/peak_rings.h"
#include "advisor/sizing/startup.h"

namespace plimsoll::sizing {

struct DayPeaks {
  std::array<history::LogCode, history::kDaysKept> by_age{};
  int complete_days = 0;                        // of ages 1 and more, those with data
  history::LogCode highest = history::kNoData;  // of all days, today included, and all known starts

  [[nodiscard]] history::LogCode today() const { return by_age[0]; }
};

// Peaks before a fall of the level that came to stay are scaled to the new level: a spike of twice
// the old level is then expected as twice the new one, and the old level itself is not held.
[[nodiscard]] inline DayPeaks ReadDayPeaks(const history::ContainerHistory& history,
                                           history::Day today) {
  const history::Drift& drift = history.drift();
  DayPeaks peaks{.by_age = history.peaks().DaysByAge(today)};
  for (int age = std::max(0, today - drift.fall_day + 1); age < history::kDaysKept; ++age) {
    history::LogCode& peak = peaks.by_age[static_cast<std::size_t>(age)];
    if (peak != history::kNoData) {
      peak = static_cast<history::LogCode>(std::max(1, peak + drift.scale_steps));
    }
  }
  const auto known = [](history::LogCode peak) { return peak != history::kNoData; };
  peaks.complete_days =
      static_cast<int>(std::count_if(peaks.by_age.begin() + 1, peaks.by_age.end(), known));
  peaks.highest = std::max(std::ranges::max(peaks.by_age), StartPeak(history));
  return peaks;
}

// By age, the highest of the `kDays` days that end at that age; windows are doubled, so that the
// compiler compares eight days at once: a search with branches was a seventh of an answer's cost.
//   peaks 5, 0, 7, 3 by age, windows of two days -> 5, 7, 7
template <std::size_t kDays, std::size_t kCount>
[[nodiscard]] std::array<history::LogCode, kCount> HighestOf(const DayPeaks& days) {
  static_assert(kCount + kDays - 1 <= history::kDaysKept);
  std::array<history::LogCode, history::kDaysKept> highest = days.by_age;
  std::size_t span = 1;
  for (; span * 2 <= kDays; span *= 2) {
    for (std::size_t age = 0; age + span < highest.size(); ++age) {
      highest[age] = std::max(highest[age], highest[age + span]);
    }
  }
  std::array<history::LogCode, kCount> windows{};
  for (std::size_t age = 0; age < kCount; ++age) {
    windows[age] = std::max(highest[age], highest[age + kDays - span]);
  }
  return windows;
}

}  // namespace plimsoll::sizing
