// SPDX-License-Identifier: Apache-2.0
//
// Taking memory away: at most max_step_down at a time, one container of one pod, and only when the
// agent sees usage and the last hour's peak below the guards (sizing.md §D: a limit below usage is
// refused by v1, kills on v2).
#pragma once

#include <optional>

#include "advisor/rollout/step.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {

struct ShrinkAdvice {
  // The next lower values; set also while usage still has to fall, so that the runtime can be tuned
  // for them first.
  std::optional<ContainerResize> next;
  bool allowed = false;        // `next` may be patched now
  recommend::Reason reason{};  // why not; empty when no cut is wanted
  std::optional<Duration> look_again{};
};

[[nodiscard]] ShrinkAdvice Shrink(const PodState& pod, const ContainerState& container,
                                  const Wish& wish, const Plan& plan, const Progress& progress,
                                  TimePoint now);

}  // namespace plimsoll::rollout
