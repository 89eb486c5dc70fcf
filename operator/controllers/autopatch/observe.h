// SPDX-License-Identifier: Apache-2.0
//
// From what the fleet holds to what rollout decides by.
#pragma once

#include <set>

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
[[nodiscard]] rollout::Plan PlanOf(const fleet::Workload& workload, rollout::Capability capability);

}  // namespace plimsoll::autopatch
