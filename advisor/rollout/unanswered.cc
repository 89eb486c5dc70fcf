// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/unanswered.h"

#include <algorithm>
#include <utility>

#include "advisor/rollout/next_steps.h"

namespace plimsoll::rollout {
namespace {

constexpr std::size_t kMostOfOnePod = 4;

bool Shows(const PodState& pod, const ContainerResize& resize) {
  const auto container = std::ranges::find(pod.containers, resize.container, &ContainerState::name);
  if (container == pod.containers.end()) return false;
  return (!resize.request || container->spec.request == resize.request) &&
         (!resize.limit || container->spec.limit == resize.limit);
}

}  // namespace

Progress RecordedUnanswered(Progress progress, Unanswered sent) {
  std::vector<Unanswered>& unanswered = progress.pods[sent.step.pod_uid].unanswered;
  if (unanswered.size() >= kMostOfOnePod) unanswered.erase(unanswered.begin());
  unanswered.push_back(std::move(sent));
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
  }
  for (const Unanswered& taken : out.done) {
    progress = Recorded(std::move(progress), taken.step, rules, taken.sent, taken.sent);
  }
  out.progress = std::move(progress);
  return out;
}

}  // namespace plimsoll::rollout
