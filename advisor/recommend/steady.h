// SPDX-License-Identifier: Apache-2.0
//
// No change for its own sake: advice up to 1.5 % above or 10 % below the earlier one leaves it as
// it was; where a raise is at hand, 0.5 % and 8 %; for a request 0.5 % and 2.5 %.
//   limit 400 before, no guard: 404 -> 400, 410 -> 410, 362 -> 400, 358 -> 358 MiB
#pragma once

#include "advisor/model/policy.h"
#include "advisor/recommend/constraints.h"
#include "advisor/recommend/reason.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::recommend {

[[nodiscard]] Pair KeepIfClose(Pair needed, const model::CurrentResources& previous, bool guarded,
                               sizing::Ledger& ledger, ReasonSet& reasons);

}  // namespace plimsoll::recommend
