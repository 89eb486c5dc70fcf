// SPDX-License-Identifier: Apache-2.0
//
// The daily peaks as estimators want them: by age, today being age 0.
#pragma once

#include <array>
#include <cstddef>

#include "advisor/history/log_code.h"
#include "advisor/history/peak_rings.h"

namespace plimsoll::sizing {

struct DayPeaks {
  std::array<history::LogCode, history::kDaysKept> by_age{};
  int complete_days = 0;                        // of ages 1 and more, those with data
  history::LogCode highest = history::kNoData;  // of all days, today included

  [[nodiscard]] history::LogCode today() const { return by_age[0]; }
};

[[nodiscard]] inline DayPeaks ReadDayPeaks(const history::PeakRings& rings, history::Day today) {
  DayPeaks peaks;
  for (int age = 0; age < history::kDaysKept; ++age) {
    const history::LogCode peak = rings.DayPeak(today - age);
    peaks.by_age[static_cast<std::size_t>(age)] = peak;
    if (age > 0 && peak != history::kNoData) ++peaks.complete_days;
    peaks.highest = std::max(peaks.highest, peak);
  }
  return peaks;
}

}  // namespace plimsoll::sizing
