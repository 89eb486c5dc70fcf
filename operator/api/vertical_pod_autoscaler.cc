// SPDX-License-Identifier: Apache-2.0
#include "operator/api/vertical_pod_autoscaler.h"

#include <algorithm>

#include "operator/api/json_reader.h"
#include "operator/api/json_writer.h"

namespace plimsoll::api {
namespace {

// Its schema has no bounds; these are beyond what a pod can have.
constexpr std::size_t kMaxPolicies = 1024;
constexpr std::size_t kMaxResources = 64;
constexpr std::size_t kMaxText = 253;
constexpr std::string_view kOff = "Off";
constexpr std::string_view kInitial = "Initial";
constexpr std::string_view kEveryContainer = "*";

// Without a list it controls processor and memory; an empty list is nothing.
bool ControlsMemory(const JsonReader& policy) {
  if (policy.Text("mode", kMaxText) == kOff) return false;
  const auto resources = policy.OptionalTextList("controlledResources", kMaxResources, kMaxText);
  return !resources || std::ranges::find(*resources, "memory") != resources->end();
}

}  // namespace

bool VerticalPodAutoscaler::SetsMemoryOf(std::string_view container) const {
  if (!updates_pods) return false;
  auto policy = std::ranges::find(containers, container, &ContainerPolicy::container);
  if (policy == containers.end()) {
    policy = std::ranges::find(containers, kEveryContainer, &ContainerPolicy::container);
  }
  return policy == containers.end() || policy->controls_memory;
}

Result<VerticalPodAutoscaler> ParseVerticalPodAutoscaler(const nlohmann::json& object) {
  Problem problem;
  const JsonReader reader(&object, "", problem);
  const JsonReader spec = reader.Object("spec");
  VerticalPodAutoscaler autoscaler;
  autoscaler.meta = ReadMeta(reader);
  const JsonReader target = spec.Object("targetRef");
  autoscaler.target = {.api_version = target.Text("apiVersion", kMaxText),
                       .kind = target.Text("kind", kMaxText),
                       .name = target.Text("name", kMaxText)};
  const std::string mode = spec.Object("updatePolicy").Text("updateMode", kMaxText);
  autoscaler.updates_pods = mode != kOff && mode != kInitial;
  for (const JsonReader& policy :
       spec.Object("resourcePolicy").ObjectList("containerPolicies", kMaxPolicies)) {
    autoscaler.containers.push_back({.container = policy.Text("containerName", kMaxText),
                                     .controls_memory = ControlsMemory(policy)});
  }
  if (problem.Found()) return std::unexpected(problem.error().Context("VerticalPodAutoscaler"));
  return autoscaler;
}

}  // namespace plimsoll::api
