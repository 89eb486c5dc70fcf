// SPDX-License-Identifier: Apache-2.0
//
// Steady growth: tomorrow's level is prepared for today. Theil-Sen: the median slope of all pairs
// of the last six daily peaks, believed when at least 90 % of the pairs rise by more than the
// rounding of what is stored.
//   ahead = (y_last + slope * 1 day) * 1.06
//   100, 103, 106, 109, 112, 115: slope 3 a day -> (115 + 3) * 1.06 = 125.1
#pragma once

#include <optional>

#include "advisor/sizing/day_peaks.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

struct Trend {
  double slope = 0;     // bytes a day
  double next_day = 0;  // where tomorrow's peak should lie
  double ahead = 0;     // where it may lie, margin included
};

// Absent when fewer than four of the six days are known or growth is not steady.
[[nodiscard]] std::optional<Trend> SteadyGrowth(const DayPeaks& days, Ledger& ledger);

}  // namespace plimsoll::sizing
