// SPDX-License-Identifier: Apache-2.0
//
// The request: what the scheduler must keep free, so what the container uses but for short peaks.
//   request = 1.03 p95(hourly peaks of the last 7 days) + needed cache, at most the limit
//   p95 = 400 MiB, cache 50 MiB -> 462 MiB
// A level held for the last three hours counts at once, steady growth is followed like the limit,
// and where the node ran out of memory the request covers the peak of the last two days.
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
