// SPDX-License-Identifier: Apache-2.0
//
// Confidence: of a hundred answers with confidence 0.8, eighty are right for the next seven days:
// demand stays within the limit needed without a guard, and the slack below it stays within what is
// stated. A logistic model of how the container's own past weeks would have fared with the room
// that is held now, and of growth:
//   h  = ln(limit / highest of today, the last 7 days and healthy starts), within 0.03 and 0.6
//   o  = of the weeks that began 7 to 28 days ago (one a day, n of them with three days known
//        before), those that outdid the week before them by more than h
//   r  = (o / 7 + 1) / (n / 7 + 4): seven such weeks overlap and tell as much as one
//   g  = 1 where steady growth or a leak would outgrow the limit within the week
//   z  = a - b ln(r / (1 - r)) - c g;  confidence = 1 / (1 + exp(-z))
//   five quiet weeks: n = 22, r = 1 / 7.14 = 0.14, z = -0.35 + 1.84 * 1.82 = 2.99 -> 0.95
// Less than an hour seen counts as that share of an hour. The slack that is stated follows the
// container: a half, or where a usual day stays far below the limit (a spike is held) as much as
// there, and a tenth of a usual day more:
//   stated = max(1/2, 1 - b / (1.1 limit));  limit 1000, usual day 400 -> 1 - 400 / 1100 = 0.64
// The three weights are fitted, and the form judged by families left out of the fit, by
// tests/bench/advisor/confidence_fit.cc; how often it is kept: docs/evaluation.md.
#pragma once

#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::recommend {

// What the past says of the week to come.
struct Signs {
  double outdone = 0;     // r
  bool outgrown = false;  // g
  double first_hour = 0;  // how much of an hour was seen, at most 1; 0 without readings
};

[[nodiscard]] Signs ReadSigns(const sizing::Situation& situation, const sizing::LimitNeed& need);

// 0 without readings, else 0.01 to 0.98.
[[nodiscard]] double Confidence(const Signs& signs);

// The share of the limit that confidence allows to stay unused: 0.5 to 1.
[[nodiscard]] double StatedSlack(const sizing::LimitNeed& need);

}  // namespace plimsoll::recommend
