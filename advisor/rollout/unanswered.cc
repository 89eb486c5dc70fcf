// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/unanswered.h"

#include <algorithm>
#include <utility>

#include "advisor/rollout/next_steps.h"
#include "advisor/rollout/tune.h"

namespace plimsoll::rollout {
namespace {

constexpr std::size_t kMostOfOnePod = 4;

bool Shows(const PodState& pod, const ContainerResize& resize) {
  const auto container = std::ranges::find(pod.containers, resize.container, &ContainerState::name);
  if (container == pod.containers.end()) return false;
  return (!resize.request || container->spec.request == resize.request) &&
         (!resize.limit || container->spec.limit == resize.limit);
}

bool IsSame(const Unanswered& known, const Step& step, TimePoint sent) {
  return known.sent == sent && known.step.intent == step.intent;
}

// The Tune that this run was sent, when its stats show that it was taken.
std::optional<Unanswered> TakenTune(const PodState& pod, const ContainerState& container,
                                    const PodProgress& memory) {
  const auto tuned = memory.tuned.find(container.name);
  if (tuned == memory.tuned.end() || tuned->second.unanswered.empty()) return std::nullopt;
  const Tuned& told = tuned->second;
  if (told.instance != container.instance || !container.runtime) return std::nullopt;
  if (container.tuning) return std::nullopt;  // it was sent again, and that answer will tell
  if (!InForce(*container.runtime, told.settings)) return std::nullopt;
  Unanswered taken{.step = {.kind = StepKind::kTune,
                            .intent = Intent::kTune,
                            .pod_uid = pod.uid,
                            .pod_name = pod.name,
                            .container = container.name,
                            .instance = told.instance,
                            .reason = {"RuntimeFollowsLimit", "taken, as its stats show"}},
                   .sent = told.time};
  for (const auto& [name, number] : told.settings) taken.step.settings.push_back({name, number});
  return taken;
}

}  // namespace

Progress RecordedUnanswered(Progress progress, Unanswered sent) {
  if (sent.step.kind == StepKind::kTune) {
    progress = Recorded(std::move(progress), sent.step, {}, sent.sent, sent.sent);
    progress.pods[sent.step.pod_uid].tuned[sent.step.container].unanswered = sent.why;
    return progress;
  }
  std::vector<Unanswered>& unanswered = progress.pods[sent.step.pod_uid].unanswered;
  std::erase_if(unanswered,
                [&](const Unanswered& known) { return IsSame(known, sent.step, sent.sent); });
  if (unanswered.size() >= kMostOfOnePod) unanswered.erase(unanswered.begin());
  unanswered.push_back(std::move(sent));
  return progress;
}

Progress RecordedUnsent(Progress progress, const Step& step, TimePoint sent) {
  const auto pod = progress.pods.find(step.pod_uid);
  if (pod == progress.pods.end()) return progress;
  std::erase_if(pod->second.unanswered,
                [&](const Unanswered& known) { return IsSame(known, step, sent); });
  return progress;
}

CaughtUp CatchUp(Progress progress, const WorkloadState& state, const Rules& rules) {
  CaughtUp out;
  for (const PodState& pod : state.pods) {
    const auto memory = progress.pods.find(pod.uid);
    if (memory == progress.pods.end()) continue;
    for (const Unanswered& sent : memory->second.unanswered) {
      const bool taken = std::ranges::all_of(
          sent.step.resizes, [&](const ContainerResize& resize) { return Shows(pod, resize); });
      if (taken) out.done.push_back(sent);
    }
    for (const ContainerState& container : pod.containers) {
      if (auto taken = TakenTune(pod, container, memory->second)) {
        out.done.push_back(*std::move(taken));
      }
    }
  }
  for (const Unanswered& taken : out.done) {
    progress = Recorded(std::move(progress), taken.step, rules, taken.sent, taken.sent);
  }
  out.progress = std::move(progress);
  return out;
}

}  // namespace plimsoll::rollout
