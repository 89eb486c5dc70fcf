// SPDX-License-Identifier: Apache-2.0
//
// Confidence: of a hundred answers with confidence 0.8, eighty are right for the next seven days:
// demand stays within the limit needed without a guard, and that limit is at most twice the highest
// demand of these days. A logistic model of three things that the past tells:
//   q  = (weeks that outdid the two before them by over 8 % + 0.5) / (weeks looked at + 2), of 4
//   r  = ln max(1, limit / (1.4 * highest of the last 7 days)): room held for what is not around
//   g  = 1 where demand grows steadily: a limit for tomorrow will not last the week
//   z  = a - b ln(q / (1 - q)) - c r - d g - e / (1 + days seen);  confidence = 1 / (1 + exp(-z))
//   five quiet weeks: q = 0.5 / 6, z = 0.33 + 1.17 * 2.40 - 0.97 / 36 = 3.12 -> 0.96
// Less than an hour seen counts as that share of an hour. How often it is kept, on families that
// the five weights were not fitted on: docs/evaluation.md.
#pragma once

#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::recommend {

// 0 without readings, at most 0.98.
[[nodiscard]] double Confidence(const sizing::Situation& situation, const sizing::LimitNeed& need);

}  // namespace plimsoll::recommend
