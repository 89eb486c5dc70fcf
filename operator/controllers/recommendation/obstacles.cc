// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/recommendation/obstacles.h"

#include <fmt/format.h>

#include <algorithm>

#include "advisor/rollout/plan.h"
#include "operator/api/reasons.h"

namespace plimsoll::recommendation {
namespace {

// Its pods' own cgroup has a limit that is no sum of their containers'.
bool HasPodLevelMemory(const fleet::Workload& workload) {
  return std::ranges::any_of(workload.pods, [](const auto& entry) {
    const auto& own = entry.second.pod->pod_resources;
    return own && (own->requests.memory || own->limits.memory);
  });
}

}  // namespace

std::optional<recommend::Reason> WhyForbidden(const fleet::Workload& workload,
                                              const cluster::ClusterLimits& limits) {
  if (const std::string vertical = limits.VerticalAutoscalerOf(workload); !vertical.empty()) {
    return recommend::Reason{
        std::string(api::reason::kFieldOwnedByOther),
        fmt::format("VerticalPodAutoscaler {} sets the memory of these pods. To let Plimsoll "
                    "patch, set its updatePolicy.updateMode: \"Off\", take memory out of its "
                    "controlledResources, or delete it",
                    vertical)};
  }
  if (const std::string autoscaler = limits.MemoryAutoscalerOf(workload); !autoscaler.empty()) {
    return recommend::Reason{
        std::string(api::reason::kHpaOnMemory),
        fmt::format(
            "HorizontalPodAutoscaler {} scales by memory; changing the request would change "
            "the number of pods. Scale by another metric to let Plimsoll patch",
            autoscaler)};
  }
  if (HasPodLevelMemory(workload)) {
    return recommend::Reason{
        std::string(api::reason::kPodLevelResources),
        "the pods set memory for all their containers together (spec.resources); set the advised "
        "numbers in the workload's template"};
  }
  return std::nullopt;
}

std::optional<std::string> WhyNotRaised(const kube::Pod& pod, const kube::Container& container,
                                        const ResolvedPolicy& policy) {
  const std::string name = container.name.str();
  if (!kube::LivesWithPod(container.kind) || policy.excludes(name)) return std::nullopt;
  const model::Controlled controlled = policy.for_container(name).controlled;
  if (!model::ControlsLimit(controlled, pod.qos == kube::QosClass::kGuaranteed)) {
    return "the policy leaves the " +
           std::string(model::ControlsLimit(controlled, false)
                           ? "request, which in a Guaranteed pod is the limit,"
                           : "limit") +
           " of container " + name + " to its owner";
  }
  if (!container.ResizesInPlace()) {
    return "a raise would restart container " + name + " (resizePolicy of memory)";
  }
  return std::nullopt;
}

std::optional<std::string> WhyRefused(const fleet::Workload& workload, TimePoint now) {
  for (const auto& [uid, entry] : workload.pods) {
    const auto memory = workload.progress.pods.find(uid);
    if (memory == workload.progress.pods.end()) continue;
    const rollout::PodProgress& pod = memory->second;
    const auto lately = [now](const std::optional<TimePoint>& refused) {
      return refused && now - *refused < rollout::Rules{}.refused_hold;
    };
    const std::string name = entry.pod->meta.name.str();
    if (lately(pod.guard_refused)) {
      return "the last raise of pod " + name + " was refused: " + pod.guard_refused_why.message;
    }
    if (lately(pod.rejected)) {
      return "the last resize of pod " + name + " was refused: " + pod.refused_why.message;
    }
  }
  return std::nullopt;
}

}  // namespace plimsoll::recommendation
