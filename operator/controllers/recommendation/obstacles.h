// SPDX-License-Identifier: Apache-2.0
//
// What stands against carrying advice out although the mode is auto-patch, in words for people.
#pragma once

#include <optional>
#include <string>

#include "advisor/base/time.h"
#include "advisor/recommend/recommendation.h"
#include "operator/controllers/recommendation/resolved_policy.h"
#include "operator/fleet/workload.h"
#include "operator/kube/objects/pod.h"
#include "operator/sources/cluster/cluster_limits.h"

namespace plimsoll::recommendation {

// What forbids any patch: another autoscaler, memory of the pods' own.
[[nodiscard]] std::optional<recommend::Reason> WhyForbidden(const fleet::Workload& workload,
                                                            const cluster::ClusterLimits& limits);

// Why this container's limit is not raised before a kill.
[[nodiscard]] std::optional<std::string> WhyNotRaised(const kube::Pod& pod,
                                                      const kube::Container& container,
                                                      const ResolvedPolicy& policy);

// Which pod's last raise, or resize to a limit alone, the server refused so lately that the guard's
// would be refused as well, and why.
[[nodiscard]] std::optional<std::string> WhyRefused(const fleet::Workload& workload, TimePoint now);

}  // namespace plimsoll::recommendation
