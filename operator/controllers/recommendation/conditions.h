// SPDX-License-Identifier: Apache-2.0
//
// The conditions of a MemoryRecommendation (ux.md §3): each says what, with its numbers, and what
// to do. All are written from the first time on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "operator/api/condition.h"
#include "operator/controllers/recommendation/containers.h"
#include "operator/controllers/recommendation/resolved_policy.h"
#include "operator/fleet/fleet.h"

namespace plimsoll::recommendation {

struct ConditionInputs {
  const fleet::Workload& workload;
  const std::map<std::string, ContainerFacts>& facts;
  const std::map<std::string, fleet::Advice>& advice;
  const ResolvedPolicy& policy;
  const std::map<std::string, fleet::NodeState>& nodes;
  bool guarded = false;
  std::string guard_problem;  // why not
};

// Over `previous`, so that transition times stay.
[[nodiscard]] std::vector<api::Condition> ConditionsOf(const ConditionInputs& inputs,
                                                       std::vector<api::Condition> previous,
                                                       TimePoint now);

// Of a workload that has no pods now: what is shown stays, and says so.
[[nodiscard]] std::vector<api::Condition> ConditionsWithoutPods(
    const model::WorkloadKey& key, std::vector<api::Condition> previous, TimePoint now);

}  // namespace plimsoll::recommendation
