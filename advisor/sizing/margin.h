// SPDX-License-Identifier: Apache-2.0
//
// How far above the held peak to stay: by how much days have outdone all days before them. Not by
// how much days differ: a container that swings between two levels swings below its held peak.
//   e_i = ln(y_i / max of the 14 days before), of the days i of the last 28 that are above all of
//         those, at least three of which are known
//   u   = that of the e_i, or 0, for which 28 u + K j is least, j of them being above u
//         (K: the price of a kill in days of the usual peak)
//   x   = clamp(1.1 u, 0.03, 0.80)
//   m   = (k x + 4 * 0.12) / (k + 4),  k = days seen
//   e = 0.04, 0.02, K = 15, k = 26: 28 * 0.04 = 1.12 is less than 0.56 + 15 or 30, so u = 0.04,
//   x = 0.044, m = (1.144 + 0.48) / 30 = 0.054
#pragma once

#include "advisor/sizing/day_peaks.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

[[nodiscard]] double Margin(const DayPeaks& days, double price_days, Ledger& ledger);

}  // namespace plimsoll::sizing
