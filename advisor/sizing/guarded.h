// SPDX-License-Identifier: Apache-2.0
//
// The limit that is enough where a raise is in force within seconds: what was needed lately, plus
// what memory can grow by before the raise is there.
//   guarded = max(recent + max(rise, 3 % of recent), min(1.05 start-up, recent + start-up rise))
//   recent 400, rise 30, starts at 700 by 100 within 5 s -> max(430, min(735, 500)) = 500 MiB
// recent: the highest demand of today and the two days before. rise: the largest within 5 s of the
// last 14 days, in proportion for a slower reaction. Where rises are not measured, half the margin
// of the unguarded limit takes their place.
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
