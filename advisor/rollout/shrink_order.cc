// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/shrink_order.h"

#include <algorithm>

namespace plimsoll::rollout {
namespace {

struct Peer {
  const PodState* pod = nullptr;
  const ContainerState* container = nullptr;
};

const ContainerState* Find(const PodState& pod, const std::string& name) {
  const auto found = std::ranges::find(pod.containers, name, &ContainerState::name);
  return found == pod.containers.end() ? nullptr : &*found;
}

// What a cut lowers: the limit, or the request where there is no limit.
Bytes Level(const ContainerState& container) {
  return container.spec.limit.value_or(container.spec.request.value_or(Bytes::Max()));
}

std::optional<TimePoint> CutTime(const PodState& pod, const Progress& progress) {
  const auto memory = progress.pods.find(pod.uid);
  return memory == progress.pods.end() ? std::nullopt : memory->second.cut;
}

}  // namespace

ShrinkTurn TurnOf(const PodState& pod, const ContainerState& container, const WorkloadState& state,
                  const Progress& progress, const Rules& rules, TimePoint now) {
  std::vector<Peer> peers;
  for (const PodState& other : state.pods) {
    const ContainerState* same = Find(other, container.name);
    if (same != nullptr && same->running) peers.push_back({&other, same});
  }
  // The one ahead: the lowest, by name among equals, so that every replica of the operator agrees.
  const auto ahead = std::ranges::min_element(peers, [](const Peer& a, const Peer& b) {
    const Bytes x = Level(*a.container);
    const Bytes y = Level(*b.container);
    return x != y ? x < y : a.pod->name < b.pod->name;
  });
  if (ahead == peers.end()) return {};

  const Bytes lowest = Level(*ahead->container);
  const bool all_equal = std::ranges::all_of(
      peers, [&](const Peer& peer) { return Level(*peer.container) == lowest; });
  const std::string& first = ahead->pod->name;
  if (ahead->pod->uid == pod.uid) {
    if (all_equal) return {.may_go = true};
    return {.reason = {"RolloutInProgress", "pod " + first + " waits for the others to follow"}};
  }
  if (all_equal || Level(container) == lowest) {
    return {.reason = {"RolloutInProgress", "pod " + first + " goes first"}};
  }
  const std::optional<TimePoint> cut = CutTime(*ahead->pod, progress);
  if (cut && now - *cut < rules.bake) {
    return {.reason = {"RolloutInProgress", "pod " + first + " proves the lower limit first"},
            .look_again = rules.bake - (now - *cut)};
  }
  return {.may_go = true};
}

}  // namespace plimsoll::rollout
