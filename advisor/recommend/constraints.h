// SPDX-License-Identifier: Apache-2.0
//
// What the cluster and the user allow, applied last and in this order, each shown when it bites:
// rounding, policy minimum, LimitRange minimum, policy maximum, LimitRange maximum, node, quota,
// what the policy lets us control, Guaranteed, LimitRange ratio. Maxima beat minima; the request
// never exceeds the limit.
#pragma once

#include "advisor/model/policy.h"
#include "advisor/recommend/reason.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::recommend {

struct Pair {
  double request = 0;
  double limit = 0;
};

// Below this runc cannot start a container.
inline constexpr double kSmallestLimit = 8 << 20;

[[nodiscard]] Pair Constrain(Pair needed, const model::Policy& policy,
                             const model::Constraints& constraints,
                             const model::CurrentResources& current, sizing::Ledger& ledger,
                             ReasonSet& reasons);

}  // namespace plimsoll::recommend
