// SPDX-License-Identifier: Apache-2.0
//
// Which MemoryPolicy is in force for a workload. One wins as a whole, none are merged: what a user
// reads in the one policy is what holds. Strongest first: named by the workload's annotation, by
// targetRefs, by targetSelector, by an empty selector; of equals the older, then by name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advisor/model/container_key.h"
#include "operator/api/memory_policy.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::policy {

using PolicyPtr = std::shared_ptr<const api::MemoryPolicy>;

// A workload as policies see it.
struct Subject {
  model::WorkloadKey key;
  std::string api_version;   // "apps/v1"; empty: unknown, then any targetRef's apiVersion matches
  kube::Labels labels;       // of the workload object
  kube::Labels annotations;  // of the workload object
  bool namespace_ends = false;  // being deleted: the server lets nothing new be made in it
};

enum class MatchRank { kNone, kEverything, kSelector, kTargetRef, kAnnotation };

// How strongly a policy claims a workload; kNone in another namespace.
[[nodiscard]] MatchRank Match(const api::MemoryPolicy& policy, const Subject& subject);

struct Selection {
  PolicyPtr winner;                      // null: no policy claims the workload
  std::vector<PolicyPtr> losers;         // claimed it just as strongly
  std::optional<std::string> problem{};  // the annotation names a policy that is not there
};

// `policies` may be of any namespaces and in any order.
[[nodiscard]] Selection SelectPolicy(const std::vector<PolicyPtr>& policies,
                                     const Subject& subject);

}  // namespace plimsoll::policy
