// SPDX-License-Identifier: Apache-2.0
//
// The request: what the scheduler must keep free, so what the container uses but for short peaks.
//   request = p90(hourly peaks of the last 7 days) (1 + 0.35 max(0, m - 0.06)) + needed cache
//   p90 = 400 MiB, m = 0.14, cache 50 MiB -> 400 * 1.028 + 50 = 461 MiB;  at most the limit
// Peaks of hours lie above what is used minute by minute: measured, mean demand is above this
// request for less than 1 % of the time. A level held for the last three hours counts at once,
// steady growth is followed like the limit, and where the node ran out of memory the request covers
// the peak of the last two days. A Job's is the median peak of its runs.
#pragma once

#include "advisor/recommend/reason.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

// `limit` is the limit that goes with it; the result is never above it.
[[nodiscard]] double NeededRequest(const Situation& situation, const LimitNeed& need, double limit,
                                   Ledger& ledger, recommend::ReasonSet& reasons);

}  // namespace plimsoll::sizing
