// SPDX-License-Identifier: Apache-2.0
//
// Steps without an answer: the connection broke, the time ran out, a repeat met a pod that had
// changed, we were killed before the answer came, or the answer is slower than the pod's own
// change. Whether a resize was taken shows in the pod object, whether a Tune was in the runtime's
// stats; until then it is neither done nor undone. A cut that nobody remembers could never be
// rolled back, and a request taken back that nobody remembers would be asked for again at once.
#pragma once

#include <vector>

#include "advisor/base/time.h"
#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/progress.h"
#include "advisor/rollout/step.h"

namespace plimsoll::rollout {

// At most a few a pod; the oldest go first. One of the same intent and time takes the place of what
// was known of it.
[[nodiscard]] Progress RecordedUnanswered(Progress progress, Unanswered sent);
// It was refused, or not sent after all: nothing is waited for.
[[nodiscard]] Progress RecordedUnsent(Progress progress, const Step& step, TimePoint sent);

struct CaughtUp {
  Progress progress{};
  std::vector<Unanswered> done{};  // what turned out to have been taken
};

// Records, as of when they were sent, those that were taken: every amount a resize asked for is
// what the pod asks for now, every setting of a Tune is what the runtime reports.
[[nodiscard]] CaughtUp CatchUp(Progress progress, const WorkloadState& state, const Rules& rules);

}  // namespace plimsoll::rollout
