// SPDX-License-Identifier: Apache-2.0
//
// Giving memory: the limit and the request of every container of a pod that is below its wish, in
// one patch. A container that is not running gets nothing yet: a resize in back-off reaches the
// container's cgroup but not the pod's, and the pod dies on (research: k8s#138760).
#pragma once

#include <optional>

#include "advisor/rollout/step.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {

struct GrowAdvice {
  std::optional<Step> step{};
  bool urgent = false;           // may go without waiting for the first pod
  recommend::Reason reason{};    // why there is no step although one is wanted; else empty
  recommend::Reason withheld{};  // why the request stays although a larger one is wanted
  std::optional<Duration> look_again{};
};

// `proven`: another pod of the workload already runs at the wish, so evening out needs no least
// change. `progress` of this pod tells whether the node refused a larger request lately: then the
// limit alone is raised, which no node can refuse.
[[nodiscard]] GrowAdvice Grow(const PodState& pod, const Wishes& wishes, const Plan& plan,
                              const PodProgress& progress, bool proven, TimePoint now);

// Every container of the pod is at its wish and the kernel has it.
[[nodiscard]] bool AtWish(const PodState& pod, const Wishes& wishes);

}  // namespace plimsoll::rollout
