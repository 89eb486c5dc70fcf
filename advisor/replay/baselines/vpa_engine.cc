// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/vpa_engine.h"

#include "advisor/replay/baselines/answer.h"

namespace plimsoll::replay {

void VpaEngine::Poll(std::string_view pod, TimePoint time, Bytes working_set) {
  auto found = pods_.find(pod);
  if (found == pods_.end()) found = pods_.emplace(std::string(pod), VpaContainer()).first;
  found->second.AddUsage(aggregate_, time, working_set);
  any_ = true;
}

void VpaEngine::Observe(std::string_view pod, const model::OomEvent& event,
                        const Resources& in_force) {
  // A child's death is not in the pod's status, and the status is all that VPA reads.
  if (event.kind != model::OomKind::kContainerOom) return;
  pods_[std::string(pod)].AddOom(aggregate_, event.time, in_force.request);
  any_ = true;
  // The updater forgives a container that lived for ten minutes.
  quick_oom_ = event.container_age && *event.container_age < std::chrono::minutes(10);
}

recommend::Recommendation VpaEngine::Advise(const Situation& situation) {
  if (!any_) return NoWorkingSet("VPA");
  return Answer(aggregate_.Recommend(floor_).target, situation);
}

std::optional<Resources> VpaEngine::Act(const Situation& situation) {
  if (!any_) return std::nullopt;
  const auto bounds = aggregate_.Recommend(floor_);
  VpaPod pod;
  if (situation.in_force.request) pod.request = *situation.in_force.request;
  pod.age = situation.pod_age;
  pod.quick_oom = quick_oom_;
  if (!VpaShouldUpdate(bounds, pod)) return std::nullopt;
  quick_oom_ = false;
  if (pod.request == bounds.target) return std::nullopt;
  return Resources{bounds.target, bounds.target};
}

}  // namespace plimsoll::replay
