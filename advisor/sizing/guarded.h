// SPDX-License-Identifier: Apache-2.0
//
// The limit that is enough where a raise is in force within seconds: what was needed lately, plus
// what memory can grow by before the raise is there.
//   guarded = max(recent + max(rise, 3 % of recent), min(1.05 start-up, recent + start-up rise))
//   recent 400, rise 30, starts at 700 by 100 within 5 s -> max(430, min(735, 500)) = 500 MiB
// recent: the highest demand of today and yesterday; a day that outdoes the three before it may
// climb for an hour and is taken as far again above them as it has gone already. rise: the largest
// within 5 s of the last 14 days, in proportion for a slower reaction; where rises are not
// measured, 6 % of recent.
#pragma once

#include "advisor/model/policy.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

// How long the guard must have been back before limits come down to it.
inline constexpr history::Minute kGuardSettles = 10;

// `need` is the unguarded one; the result is never above it.
[[nodiscard]] double GuardedLimit(const Situation& situation, const LimitNeed& need,
                                  const model::Guard& guard, Ledger& ledger);

}  // namespace plimsoll::sizing
