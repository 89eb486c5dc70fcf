// SPDX-License-Identifier: Apache-2.0
//
// A pod's own cgroup can stay behind its containers: a resize while a container is in back-off
// reaches the container at its next start but not the pod (k8s#138760, alive in 1.36). Kills then
// come from the pod's limit, raising the container does nothing, and status looks fine. One more
// resize to any other value, while the container runs, makes the pod follow.
#pragma once

#include <optional>

#include "advisor/rollout/step.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {

// The pod's limit is below the sum of its containers' limits: the kernel will kill at the former.
// Unknown (no fresh reading, a container without a limit) is not stale.
[[nodiscard]] bool PodCgroupIsStale(const PodState& pod, const Rules& rules, TimePoint now);

// A container that dies within seconds leaves no reading; then a kill at the pod's own limit since
// our last patch says as much.
[[nodiscard]] bool KilledByPodLimit(const PodState& pod, const PodProgress& progress,
                                    const Rules& rules, TimePoint now);

// The healing resize, if the pod is stale and a container with a target runs: the wish's limit when
// the container is not there yet, else 1 MiB more (or less, at the policy's maximum).
[[nodiscard]] std::optional<Step> Heal(const PodState& pod, const Wishes& wishes, const Plan& plan,
                                       const PodProgress& progress, TimePoint now);

}  // namespace plimsoll::rollout
