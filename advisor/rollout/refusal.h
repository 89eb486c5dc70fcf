// SPDX-License-Identifier: Apache-2.0
//
// What the node would not give. A Deferred or Infeasible resize keeps blocking capacity and quota
// (the scheduler counts the larger of asked and given), so what is given up is always taken back.
#pragma once

#include <optional>

#include "advisor/rollout/step.h"
#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {

struct RefusalAdvice {
  std::optional<Step> step{};  // the patch that takes it back
  recommend::Reason reason{};  // set while the pod has an answer outstanding; nothing else is tried
  std::optional<Duration> look_again{};
};

// Infeasible is taken back at once, Deferred and a cut that the kubelet cannot carry out after
// deferred_patience; but a request that holds back a larger limit beside it at once as well. That
// limit stays: it needs no capacity, and is carried out as soon as the request no longer waits.
// A pending resize that is not ours is left to whoever asked for it, until a kill wants a larger
// limit: a node carries a pod's resize out as a whole, so a request it has no room for would keep
// the container dying. Then the request alone is taken back, once a kill, and only where the policy
// lets us write requests; the limit follows as after a refusal of our own. (A Guaranteed pod's
// limit is its request: nothing is gained there.)
[[nodiscard]] RefusalAdvice Refusal(const PodState& pod, const Wishes& wishes, const Rules& rules,
                                    const PodProgress& progress, TimePoint now);

}  // namespace plimsoll::rollout
