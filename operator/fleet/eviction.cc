// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/eviction.h"

#include <string_view>

namespace plimsoll::fleet {
namespace {

constexpr std::string_view kForMemory = "The node was low on resource: memory.";

}  // namespace

std::optional<Eviction> MemoryEvictionOf(const kube::Pod& pod) {
  const kube::PodCondition* why = pod.FindCondition("DisruptionTarget");
  if (pod.reason != "Evicted" || why == nullptr) return std::nullopt;
  if (why->last_transition <= TimePoint{}) return std::nullopt;
  const std::string_view message = why->message.view();
  if (!message.starts_with(kForMemory)) return std::nullopt;
  Eviction eviction{.time = why->last_transition, .containers = {}};
  // "… Container app was using 300Mi, request is 64Mi, has larger consumption of memory. …"
  for (const kube::Container& container : pod.containers) {
    const std::string named = "Container " + container.name.str() + " was using ";
    if (message.contains(named)) eviction.containers.push_back(container.name.str());
  }
  return eviction;
}

}  // namespace plimsoll::fleet
