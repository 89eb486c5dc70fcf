// SPDX-License-Identifier: Apache-2.0
//
// The limit that is enough where a raise is in force within seconds: what was needed lately, plus
// what memory can grow by before the raise is there.
//   guarded = max(recent + max(rise, 3 % of recent), 1.05 start reach, request)
//   recent 400, rise 30, starts at 700 of which 300 at once, request 390 -> max(430, 315, 390) =
//   430; while a start goes on that has come to 500 -> 525
// recent: the highest demand of today and of as many days before as would have been cheapest in the
// last three weeks; a day that outdoes them may climb for an hour and is taken as far again above
// them as it has gone already. rise: the largest within 5 s of the last 14 days, in proportion for
// a slower reaction; where rises are not measured, 6 % of recent. The request: a limit below what
// the scheduler keeps free saves nothing.
#pragma once

#include "advisor/model/policy.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

// For so many days the largest rise is remembered.
inline constexpr int kRiseDays = 14;

// How long the guard must have been back before limits come down to it.
inline constexpr history::Minute kGuardSettles = 10;

// `need` is the unguarded one; the result is never above it. `request`: as wanted, in bytes.
[[nodiscard]] double GuardedLimit(const Situation& situation, const LimitNeed& need,
                                  const model::Guard& guard, double request, Ledger& ledger);

}  // namespace plimsoll::sizing
