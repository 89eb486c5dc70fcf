// SPDX-License-Identifier: Apache-2.0
//
// b: what a usual day peaks at, the yardstick for calling a peak a spike.
//   b = median of the daily peaks of the last 7 days
//   300, 310, 305, 900, 302, 298, 307 MiB -> 305 MiB: one wild day does not move it.
#pragma once

#include <optional>

#include "advisor/sizing/day_peaks.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

inline constexpr int kBaselineDays = 7;

// Absent while no complete day has been seen.
[[nodiscard]] std::optional<double> Baseline(const DayPeaks& days, Ledger& ledger);

}  // namespace plimsoll::sizing
