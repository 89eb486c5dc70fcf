// SPDX-License-Identifier: Apache-2.0
//
// How far above the held peak to stay: by how much days have outdone all days before them. Not by
// how much days differ: a container that swings between two levels swings below its held peak.
//   e_i = ln(y_i / max of the 14 days before), 0 when not above;  i over the last 14 days
//   x   = clamp(1.5 * second largest e_i, 0.03, 0.40)
//   m   = (k x + 3 * 0.12) / (k + 3),  k = days seen
//   e = 0.04, 0.02, 0, ...; k = 27: x = 0.03, m = (0.81 + 0.36) / 30 = 0.039
#pragma once

#include "advisor/sizing/day_peaks.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

[[nodiscard]] double Margin(const DayPeaks& days, double price_days, Ledger& ledger);

}  // namespace plimsoll::sizing
