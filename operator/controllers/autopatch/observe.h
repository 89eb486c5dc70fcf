// SPDX-License-Identifier: Apache-2.0
//
// From what the fleet holds to what rollout decides by.
#pragma once

#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "operator/fleet/workload.h"

namespace plimsoll::autopatch {

[[nodiscard]] rollout::WorkloadState StateOf(const fleet::Workload& workload, TimePoint now);

// Containers that may be resized without a restart and have advice; those with resizePolicy
// RestartContainer are left out, since every step would restart them.
[[nodiscard]] rollout::Plan PlanOf(const fleet::Workload& workload, rollout::Capability capability);

}  // namespace plimsoll::autopatch
