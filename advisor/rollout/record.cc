// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "advisor/rollout/next_steps.h"

namespace plimsoll::rollout {
namespace {

void RecordResize(Progress& progress, const Step& step, const ContainerResize& resize,
                  TimePoint sent, TimePoint answered) {
  PodProgress& pod = progress.pods[step.pod_uid];
  pod.patched = answered;
  model::CurrentResources& wrote = pod.wrote[resize.container];
  if (resize.request) wrote.request = resize.request;
  if (resize.limit) wrote.limit = resize.limit;
  switch (step.intent) {
    case Intent::kShrink:
      pod.cut = sent;
      if (resize.limit && resize.from_limit) {
        progress.last_cut[resize.container] = {sent, *resize.from_limit, *resize.limit};
      }
      break;
    case Intent::kGrow:
    case Intent::kRollback:
      if (resize.limit) progress.last_raise[resize.container] = sent;
      pod.guard_refused.reset();
      break;
    case Intent::kRevert:
      pod.refused = answered;
      pod.refused_why = step.reason;
      break;
    case Intent::kHeal:
    case Intent::kTune:
      break;
  }
}

void RecordTune(Progress& progress, const Step& step, TimePoint now) {
  Tuned& tuned = progress.pods[step.pod_uid].tuned[step.container];
  tuned = {.instance = step.instance, .time = now, .settings = {}};
  for (const SettingValue& setting : step.settings) tuned.settings[setting.name] = setting.number;
}

// A request that came with a larger limit may be what was refused: the limit is tried alone first.
bool MayTryLimitAlone(const Step& step) {
  const bool raise = step.intent == Intent::kGrow || step.intent == Intent::kRollback;
  return raise && std::ranges::any_of(step.resizes, [](const ContainerResize& resize) {
           return resize.request && resize.limit;
         });
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

Progress Recorded(Progress progress, const Step& step, const Rules& rules, TimePoint sent,
                  TimePoint answered) {
  if (step.kind == StepKind::kTune) {
    RecordTune(progress, step, answered);
    return progress;
  }
  progress.pods[step.pod_uid].rejected.reset();
  // Taken on top of what we had seen: whatever was sent before has shown by then, or never was.
  progress.pods[step.pod_uid].unanswered.clear();
  for (const ContainerResize& resize : step.resizes) {
    RecordResize(progress, step, resize, sent, answered);
  }
  if (step.intent == Intent::kRollback) HoldDown(progress, rules, answered);
  return progress;
}

Progress RecordedRefusal(Progress progress, const Step& step, const recommend::Reason& why,
                         TimePoint now) {
  PodProgress& pod = progress.pods[step.pod_uid];
  if (step.kind == StepKind::kTune) {
    RecordTune(progress, step, now);
    pod.tuned[step.container].refused = why.message.empty() ? "it did not say why" : why.message;
    return progress;
  }
  if (!MayTryLimitAlone(step)) pod.rejected = now;
  pod.refused = now;
  pod.refused_why = why;
  return progress;
}

Progress RecordedGuardRefusal(Progress progress, const Step& step, const recommend::Reason& why,
                              TimePoint now) {
  PodProgress& pod = progress.pods[step.pod_uid];
  pod.guard_refused = now;
  pod.guard_refused_why = why;
  return progress;
}

Progress Pruned(Progress progress, const WorkloadState& state) {
  std::erase_if(progress.pods, [&](const auto& entry) {
    return std::ranges::find(state.pods, entry.first, &PodState::uid) == state.pods.end();
  });
  return progress;
}

}  // namespace plimsoll::rollout
