// SPDX-License-Identifier: Apache-2.0
//
// What the status of each MemoryPolicy of a namespace should say. Pure.
#pragma once

#include <vector>

#include "advisor/base/time.h"
#include "operator/controllers/policy/selection.h"

namespace plimsoll::policy {

// The policies of one namespace whose shown status changes, with their new one; the others are left
// out. Accepted is False with Invalid (contradicts itself) or Conflicted (a policy that claims a
// workload just as strongly won it; the message names both), else True with Valid or
// NoWorkloadMatched.
[[nodiscard]] std::vector<api::MemoryPolicy> PlanStatuses(const std::vector<PolicyPtr>& policies,
                                                          const std::vector<Subject>& subjects,
                                                          TimePoint now);

}  // namespace plimsoll::policy
