// SPDX-License-Identifier: Apache-2.0
//
// Builders of pods and readings as the informers and agents give them.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "operator/fleet/fleet.h"

namespace plimsoll::fleet {

using namespace std::chrono_literals;
using namespace plimsoll::literals;

inline const TimePoint kNow{std::chrono::hours(500000)};
inline const model::WorkloadKey kShopWeb{"shop", "Deployment", "web"};
inline const Identity kWebIdentity{
    .api_version = "apps/v1", .uid = "web-uid", .labels = {}, .annotations = {}};

inline std::string IdOf(const std::string& pod) { return "id-of-" + pod; }

// One running container "app" of request and limit, on node n1.
inline kube::Pod APod(const std::string& name, Bytes request, Bytes limit) {
  kube::Pod pod;
  pod.meta.ns = "shop";
  pod.meta.name = name;
  pod.meta.uid = "uid-" + name;
  pod.meta.created = kNow - 1h;
  pod.node = "n1";
  pod.phase = kube::PodPhase::kRunning;
  pod.qos = kube::QosClass::kBurstable;
  pod.ready = true;
  kube::Container container;
  container.name = "app";
  container.image = "web:1";
  container.resources.requests.memory = request;
  container.resources.limits.memory = limit;
  pod.containers = {container};
  kube::ContainerStatus status;
  status.name = "app";
  status.container_id = "containerd://" + IdOf(name);
  status.state = kube::ContainerRunState::kRunning;
  pod.statuses = {status};
  return pod;
}

// A copy of its first container beside the others.
inline void AddContainer(kube::Pod& pod, const std::string& name,
                         const std::function<void(kube::Container&)>& change) {
  std::vector<kube::Container> containers(pod.containers.begin(), pod.containers.end());
  kube::Container& added = containers.emplace_back(containers.front());
  added.name = name;
  change(added);
  pod.containers = containers;
}
inline void AddInit(kube::Pod& pod, const std::string& name) {
  AddContainer(pod, name, [](auto& init) { init.kind = kube::ContainerKind::kInit; });
}

inline std::shared_ptr<const kube::Pod> Shared(kube::Pod pod) {
  return std::make_shared<const kube::Pod>(std::move(pod));
}

inline model::MemoryDigest ADigest(TimePoint end, Bytes hard, Bytes limit) {
  model::MemoryDigest digest;
  digest.window_start = end - 15s;
  digest.window_end = end;
  digest.samples = 15;
  digest.hard_peak = hard;
  digest.hard_mean = hard;
  digest.usage = hard;
  digest.limit = limit;
  digest.pod_limit = limit;
  return digest;
}

inline model::OomEvent AKill(const std::string& id, TimePoint time, Bytes limit) {
  return {.id = id,
          .kind = model::OomKind::kContainerOom,
          .time = time,
          .limit = limit,
          .peak = limit,
          .victim = "app"};
}

}  // namespace plimsoll::fleet
