// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "advisor/rollout/next_steps.h"

namespace plimsoll::rollout {
namespace {

void RecordResize(Progress& progress, const Step& step, const ContainerResize& resize,
                  TimePoint now) {
  PodProgress& pod = progress.pods[step.pod_uid];
  pod.patched = now;
  pod.wrote[resize.container] = {.request = resize.request, .limit = resize.limit};
  switch (step.intent) {
    case Intent::kShrink:
      pod.cut = now;
      if (resize.limit && resize.from_limit) {
        progress.last_cut[resize.container] = {now, *resize.from_limit, *resize.limit};
      }
      break;
    case Intent::kGrow:
    case Intent::kRollback:
      if (resize.limit) progress.last_raise[resize.container] = now;
      break;
    case Intent::kRevert:
      pod.refused = now;
      break;
    case Intent::kHeal:
    case Intent::kTune:
      break;
  }
}

void HoldDown(Progress& progress, const Rules& rules, TimePoint now) {
  // A hold that ended long ago is forgiven: the next one starts small again.
  const bool lately = progress.hold_until && progress.hold_length &&
                      now < *progress.hold_until + rules.max_hold_down;
  const Duration length =
      lately ? std::min(*progress.hold_length * 2, rules.max_hold_down) : rules.hold_down;
  // The other pods' part of the same rollback does not double it.
  if (lately && now < *progress.hold_until) return;
  progress.hold_length = length;
  progress.hold_until = now + length;
}

}  // namespace

Progress Recorded(Progress progress, const Step& step, const Rules& rules, TimePoint now) {
  if (step.kind == StepKind::kTune) return progress;
  for (const ContainerResize& resize : step.resizes) RecordResize(progress, step, resize, now);
  if (step.intent == Intent::kRollback) HoldDown(progress, rules, now);
  return progress;
}

Progress RecordedRefusal(Progress progress, const Step& step, TimePoint now) {
  PodProgress& pod = progress.pods[step.pod_uid];
  (step.kind == StepKind::kTune ? pod.tune_refused : pod.refused) = now;
  return progress;
}

Progress Pruned(Progress progress, const WorkloadState& state) {
  std::erase_if(progress.pods, [&](const auto& entry) {
    return std::ranges::find(state.pods, entry.first, &PodState::uid) == state.pods.end();
  });
  return progress;
}

}  // namespace plimsoll::rollout
