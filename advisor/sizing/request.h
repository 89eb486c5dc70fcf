// SPDX-License-Identifier: Apache-2.0
//
// The request: what the scheduler must keep free, so what the container uses but for short peaks.
//   usual   = min(p85 of the hourly peaks of 7 days, second highest hour-a-day level of 8 days)
//   request = max(usual, 1.01 level of the last 2 hours where that is new, growth) + needed cache
//   p85 = 400 MiB, days 390, 380 MiB, cache 50 MiB -> 380 + 50 = 430 MiB
// The quantile is the objective's: 80, 85 or 99 of a hundred hours; Reliability looks at hours
// alone. A limit set for it is at least the request. Growth is followed two days ahead; where the
// node ran out of memory the request covers the peak of the last two days. A Job's is the median
// peak of its runs.
#pragma once

#include "advisor/recommend/reason.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

// Before the limit, which it may not exceed, is known.
[[nodiscard]] double WantedRequest(const Situation& situation, const LimitNeed& need,
                                   Ledger& ledger, recommend::ReasonSet& reasons);

}  // namespace plimsoll::sizing
