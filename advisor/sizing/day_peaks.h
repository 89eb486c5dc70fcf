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
  DayPeaks peaks;
  for (int age = 0; age < history::kDaysKept; ++age) {
    history::LogCode peak = history.peaks().DayPeak(today - age);
    if (peak == history::kNoData) continue;
    if (today - age < drift.fall_day) {
      peak = static_cast<history::LogCode>(std::max(1, peak + drift.scale_steps));
    }
    peaks.by_age[static_cast<std::size_t>(age)] = peak;
    if (age > 0) ++peaks.complete_days;
    peaks.highest = std::max(peaks.highest, peak);
  }
  peaks.highest = std::max(peaks.highest, StartPeak(history));
  return peaks;
}

}  // namespace plimsoll::sizing
