// SPDX-License-Identifier: Apache-2.0
//
// No change for its own sake: advice up to 1.5 % above or 6 % below the earlier one leaves it as it
// was.
//   limit 400 before: 404 -> 400, 410 -> 410, 380 -> 400, 370 -> 370 MiB; where a raise is at hand,
//   4 % and 10 %
#pragma once

#include "advisor/model/policy.h"
#include "advisor/recommend/constraints.h"
#include "advisor/recommend/reason.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::recommend {

[[nodiscard]] Pair KeepIfClose(Pair needed, const model::CurrentResources& previous, bool guarded,
                               sizing::Ledger& ledger, ReasonSet& reasons);

}  // namespace plimsoll::recommend
