// SPDX-License-Identifier: Apache-2.0
//
// Resizes without an answer: the connection broke, the time ran out, a repeat met a pod that had
// changed, or the answer is slower than the pod's own change. Whether one was taken shows in the
// pod object; until then it is neither done nor undone. A cut that nobody remembers could never be
// rolled back, and a request taken back that nobody remembers would be asked for again at once.
#pragma once

#include <vector>

#include "advisor/base/time.h"
#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/progress.h"
#include "advisor/rollout/step.h"

namespace plimsoll::rollout {

// At most a few a pod; the oldest go first.
[[nodiscard]] Progress RecordedUnanswered(Progress progress, Unanswered sent);

struct CaughtUp {
  Progress progress{};
  std::vector<Unanswered> done{};  // what turned out to have been taken
};

// Records, as of when they were sent, those that the pod objects show: every amount a step asked
// for is what the pod asks for now.
[[nodiscard]] CaughtUp CatchUp(Progress progress, const WorkloadState& state, const Rules& rules);

}  // namespace plimsoll::rollout
