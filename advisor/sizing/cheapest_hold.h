// SPDX-License-Identifier: Apache-2.0
//
// For how many days a peak should be held where a raise is at hand: what would have cost least in
// the last three weeks, the limit that stood for each day and the raises of days that outdid it
// taken together.
//   cost(h) = sum over days d of max(H_d, y_d) + price * usual * [y_d > 1.02 H_d],
//   H_d = highest of the h days before d;  h of 1, 2, 4, 7 and 14
//   100 every day, 220 once a week, price 3: held one day, a week costs 5 * 100 + 2 * 220 + 300 =
//   1240, held for a week 7 * 220 = 1540 -> 1; at a price of 7 it is 1640 against 1540 -> 7
#pragma once

#include "advisor/model/policy.h"
#include "advisor/sizing/day_peaks.h"

namespace plimsoll::sizing {

// What coming down and having to be raised again is worth, in days of the usual peak.
[[nodiscard]] double RaisePriceDays(model::Objective objective);

// In days, 1 to 14; 1 while fewer than two days are known. `usual`: the baseline b, in bytes.
[[nodiscard]] int CheapestHold(const DayPeaks& days, double usual, double price_days);

}  // namespace plimsoll::sizing
