// SPDX-License-Identifier: Apache-2.0
//
// Builders for rollout tests: a workload of running pods whose agent reports what the pod object
// asks.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "advisor/rollout/next_steps.h"

namespace plimsoll::rollout {

using namespace std::chrono_literals;
using namespace plimsoll::literals;

inline const TimePoint kNow{std::chrono::hours(500000)};

// One container "app", running, its limit in force in both cgroups, using a quarter of it.
inline PodState APod(const std::string& name, Bytes request, Bytes limit) {
  ContainerState app{.name = "app", .running = true, .spec = {request, limit}};
  app.actual = app.spec;
  app.reading = Reading{.time = kNow - 2s,
                        .usage = limit * Ratio(0.25),
                        .hard = limit * Ratio(0.25),
                        .hard_peak_hour = limit * Ratio(0.25),
                        .limit = limit,
                        .pod_limit = limit};
  return PodState{.uid = "uid-" + name, .name = name, .ready = true, .containers = {app}};
}

inline WorkloadState AWorkload(std::vector<PodState> pods) {
  return WorkloadState{.pods = std::move(pods), .last_oom = {}};
}

inline Plan APlan(Bytes request, Bytes limit) {
  Plan plan;
  plan.capability = {.grow = true, .shrink = true};
  plan.targets.push_back(
      {.container = "app", .request = request, .limit = limit, .may_shrink = true, .settings = {}});
  return plan;
}

inline ContainerState& App(PodState& pod) { return pod.containers.front(); }

// What the agent would report once the resize is carried out.
inline void Actuate(PodState& pod, const Step& step) {
  for (const ContainerResize& resize : step.resizes) {
    for (ContainerState& container : pod.containers) {
      if (container.name != resize.container) continue;
      if (resize.request) container.spec.request = resize.request;
      if (resize.limit) container.spec.limit = resize.limit;
      container.actual = container.spec;
      container.reading->limit = container.spec.limit;
      container.reading->pod_limit = container.spec.limit;
    }
  }
}

}  // namespace plimsoll::rollout
