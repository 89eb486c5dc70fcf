// SPDX-License-Identifier: Apache-2.0
//
// The state machine of auto-patch: from the plan and what is observed to what may be done now.
// First one pod, then the rest; what is refused is taken back; what stayed behind is healed; memory
// is given at once after a kill and taken away in small proven steps.
//
//   two pods at 64 MiB, target 160 MiB, no kill  -> resize pod a
//   a's cgroups have 160 MiB                     -> resize pod b
//   both have it, GOMEMLIMIT still 57 MiB        -> tune a, tune b
#pragma once

#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/progress.h"
#include "advisor/rollout/step.h"

namespace plimsoll::rollout {

[[nodiscard]] Decision NextSteps(const Plan& plan, const WorkloadState& state,
                                 const Progress& progress, TimePoint now);

// What to remember once the API server took the step that was sent then. A kill between the two
// came after the raise was decided on and is not answered by it; one after a cut is the cut's.
[[nodiscard]] Progress Recorded(Progress progress, const Step& step, const Rules& rules,
                                TimePoint sent, TimePoint answered);

// What to remember when a step was refused for good (a 4xx answer, a Tune that was not accepted)
// and why: it is what users are told while nothing more is tried.
[[nodiscard]] Progress RecordedRefusal(Progress progress, const Step& step,
                                       const recommend::Reason& why, TimePoint now);

// What to remember when the raise before a kill was refused for good: the advice's own raise, which
// is smaller, may be tried all the same.
[[nodiscard]] Progress RecordedGuardRefusal(Progress progress, const Step& step,
                                            const recommend::Reason& why, TimePoint now);

// Drops what was remembered of pods that are no more.
[[nodiscard]] Progress Pruned(Progress progress, const WorkloadState& state);

}  // namespace plimsoll::rollout
