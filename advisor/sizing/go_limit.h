// SPDX-License-Identifier: Apache-2.0
//
// A Go container that can be tuned live is sized by its collector's figures instead of by usage,
// which with a garbage collector is what it was allowed to hold:
//   limit = max(demand, 1.05 highest demand of the last two hours, what kills have proven)
// so it shrinks once the runtime has let go of what the new settings do not want. Any Go container
// keeps a runway: a limit whose GOMEMLIMIT would leave less than half the live heap free is raised.
#pragma once

#include <optional>

#include "advisor/recommend/reason.h"
#include "advisor/runtime/go.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

// `limit`: the last step, as by readings; the result is for the same container seen through its
// runtime.
[[nodiscard]] Entry LimitByGo(const Situation& situation, const LimitNeed& need,
                              const runtime::GoFigures& go, Entry limit, Ledger& ledger,
                              recommend::ReasonSet& reasons);

}  // namespace plimsoll::sizing
