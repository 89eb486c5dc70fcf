// SPDX-License-Identifier: Apache-2.0
//
// From what the fleet holds to what rollout decides by.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "operator/controllers/autopatch/tunes_under_way.h"
#include "operator/fleet/workload.h"

namespace plimsoll::autopatch {

// `tuning`: where the answer to a Tune is waited for.
[[nodiscard]] rollout::WorkloadState StateOf(const fleet::Workload& workload,
                                             const std::set<TunesUnderWay::Place>& tuning,
                                             TimePoint now);

// Containers that may be resized without a restart and have advice; those with resizePolicy
// RestartContainer are left out, since every step would restart them.
[[nodiscard]] rollout::Plan PlanOf(const fleet::Workload& workload, rollout::Capability capability,
                                   TimePoint now);

// Containers whose advice differs from what they have by more than a least change, and which a
// running pod cannot be given: init containers, and those with resizePolicy RestartContainer.
[[nodiscard]] std::vector<std::string> NotInPlace(const fleet::Workload& workload,
                                                  const rollout::Rules& rules);

}  // namespace plimsoll::autopatch
