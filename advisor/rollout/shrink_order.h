// SPDX-License-Identifier: Apache-2.0
//
// Whose turn a cut is. One pod goes a single step ahead; the others follow to its limit once it has
// lived with it for the bake time; only then does it go further.
#pragma once

#include <optional>

#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/progress.h"

namespace plimsoll::rollout {

struct ShrinkTurn {
  bool may_go = false;
  recommend::Reason reason{};  // why not
  std::optional<Duration> look_again{};
};

[[nodiscard]] ShrinkTurn TurnOf(const PodState& pod, const ContainerState& container,
                                const WorkloadState& state, const Progress& progress,
                                const Rules& rules, TimePoint now);

}  // namespace plimsoll::rollout
