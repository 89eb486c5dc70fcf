// SPDX-License-Identifier: Apache-2.0
//
// The containers of a workload, over all its pods: what each asks for today and what was seen of
// it.
#pragma once

#include <map>
#include <string>

#include "advisor/model/policy.h"
#include "operator/api/memory_recommendation.h"
#include "operator/fleet/workload.h"
#include "operator/sources/cluster/namespace_bounds.h"

namespace plimsoll::recommendation {

struct ContainerFacts {
  kube::ContainerKind kind = kube::ContainerKind::kApp;
  // Of the newest pod; pods resized in place differ until all have followed.
  model::CurrentResources current{};
  const kube::Pod* pod = nullptr;  // the newest one that has it
  int pods_running = 0;
  int pods_reporting = 0;  // with a reading not older than `fresh`
  api::ObservedMemory observed{};
  const model::RuntimeStats* runtime = nullptr;  // the newest
  bool runtime_read_only = false;                // some pod's stats came over TCP
  std::optional<double> gc_cpu_percent{};        // the highest of its pods
  std::string runtime_problem;
};

inline constexpr Duration kFresh = std::chrono::seconds(60);

// Pointers are into `workload`.
[[nodiscard]] std::map<std::string, ContainerFacts> FactsOf(const fleet::Workload& workload,
                                                            TimePoint now);

// `newest`: the pod whose limits are divided.
[[nodiscard]] cluster::Part PartOf(const std::string& name, const kube::Pod& newest,
                                   const fleet::Workload& workload);

}  // namespace plimsoll::recommendation
