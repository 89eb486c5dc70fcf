// SPDX-License-Identifier: Apache-2.0
//
// How far above the held peak to stay: the usual change from day to day, robustly measured, shrunk
// to 12 % while few days are known.
//   sigma = 1.4826 median |ln(y_i / y_(i-1))| over the last 14 days
//   m     = (k clamp(2.5 sigma, 0.06, 0.40) + 3 * 0.12) / (k + 3),  k = days seen
//   sigma = 0.03, k = 12: (12 * 0.075 + 0.36) / 15 = 0.084
#pragma once

#include "advisor/sizing/day_peaks.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

[[nodiscard]] double Margin(const DayPeaks& days, Ledger& ledger);

}  // namespace plimsoll::sizing
