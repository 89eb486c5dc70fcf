// SPDX-License-Identifier: Apache-2.0
//
// From a pod to its workload: up the controlling owner references to the top.
//
//   pod web-7d4b9-x2x -> ReplicaSet web-7d4b9 -> Deployment web        : Deployment web
//   pod report-28-abc -> Job report-28 -> CronJob report               : CronJob report
//   pod canary-5f-1   -> ReplicaSet canary-5f -> Rollout canary (CRD)  : Rollout canary
//   pod debug, or a static pod of a node                               : Pod debug
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "advisor/base/result.h"
#include "advisor/model/container_key.h"
#include "operator/fleet/workload.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::discovery {

struct Owner {
  model::WorkloadKey key;
  fleet::Identity identity;
};

// The owner's own metadata; nothing when it cannot be read, or is gone: the pod's own labels and
// annotations (its template's, as a rule) then stand for the workload's. An error
// when the look-up failed: the caller tries again and forgets nothing meanwhile.
using OwnerLookup = std::function<Result<std::optional<kube::ObjectMeta>>(
    const kube::OwnerReference& reference, const std::string& ns)>;

[[nodiscard]] Result<Owner> TopOwner(const kube::ObjectMeta& pod, const OwnerLookup& lookup);

}  // namespace plimsoll::discovery
