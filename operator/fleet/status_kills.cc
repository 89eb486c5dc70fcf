// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/status_kills.h"

#include <algorithm>

#include "operator/fleet/eviction.h"
#include "operator/fleet/instance.h"

namespace plimsoll::fleet {
namespace {

model::OomEvent EventOf(const kube::Pod& pod, const kube::ContainerStatus& status,
                        const kube::Termination& end, const std::string& container_id) {
  model::OomEvent event{.id = container_id + "/1", .time = end.finished};
  const kube::Container* container = pod.FindContainer(status.name);
  if (container != nullptr) event.limit = container->resources.limits.memory;
  event.kind = event.limit ? model::OomKind::kContainerOom : model::OomKind::kNodeOom;
  if (end.started > TimePoint{} && end.started <= end.finished) {
    event.container_age = end.finished - end.started;
  }
  event.by_pod_status = true;
  return event;
}

}  // namespace

void StatusKills::See(const model::WorkloadKey& key, const kube::Pod& pod) {
  for (const kube::ContainerStatus& status : pod.statuses) {
    if (status.kind == kube::ContainerKind::kEphemeral) continue;
    for (const auto& end : {status.terminated, status.last_terminated}) {
      if (!end || end->reason != "OOMKilled" || end->finished <= TimePoint{}) continue;
      const std::string id = BareContainerId(end->container_id);
      if (id.empty() || !seen_.insert(id).second) continue;
      pending_.push_back({.kill = {.key = {key, status.name.str()},
                                   .node = pod.node.str(),
                                   .container_id = id,
                                   .event = EventOf(pod, status, *end, id)}});
    }
  }
  if (const auto eviction = MemoryEvictionOf(pod)) SeeEviction(key, pod, *eviction);
}

void StatusKills::SeeEviction(const model::WorkloadKey& key, const kube::Pod& pod,
                              const Eviction& eviction) {
  const std::string id = pod.meta.uid.str();
  if (!seen_.insert(id).second) return;
  for (const std::string& container : eviction.containers) {
    pending_.push_back({.kill = {.key = {key, container},
                                 .node = pod.node.str(),
                                 .container_id = id,
                                 .event = {.id = id + "/evicted",
                                           .kind = model::OomKind::kEvicted,
                                           .time = eviction.time,
                                           .by_pod_status = true}}});
  }
}

std::vector<StatusKill> StatusKills::Due(
    TimePoint now, const std::function<bool(const std::string& node)>& has_agent) {
  std::vector<StatusKill> due;
  std::erase_if(pending_, [&](Pending& pending) {
    if (!pending.since) pending.since = now;
    if (now - *pending.since < kGrace) return false;
    const bool agents_tell = pending.kill.event.kind != model::OomKind::kEvicted;
    if (!agents_tell || !has_agent(pending.kill.node)) due.push_back(std::move(pending.kill));
    return true;
  });
  std::ranges::sort(due, {}, [](const StatusKill& kill) { return kill.event.time; });
  return due;
}

void StatusKills::Forget(const std::string& id) {
  seen_.erase(id);
  counted_.erase(id);
}

}  // namespace plimsoll::fleet
