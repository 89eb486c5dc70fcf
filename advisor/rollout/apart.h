// SPDX-License-Identifier: Apache-2.0
//
// Why a pod is not at its wish although no step is due: what no resize of ours will change, and
// what nobody has looked at. "At the wish" is said only of what a fresh reading shows.
#pragma once

#include <optional>

#include "advisor/recommend/recommendation.h"
#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {

// Of a pod that has no step and no resize on its way; of several reasons the one that hides most:
// ContainerNotRunning, TelemetryStale, NoLimitSet, NoRequestSet, BelowMinChange. Nothing when every
// container is where its wish wants it.
[[nodiscard]] std::optional<recommend::Reason> WhyApart(const PodState& pod, const Wishes& wishes,
                                                        const Rules& rules, TimePoint now);

}  // namespace plimsoll::rollout
