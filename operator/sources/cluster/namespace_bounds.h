// SPDX-License-Identifier: Apache-2.0
//
// What LimitRanges and ResourceQuotas of a namespace leave for one container of a pod.
#pragma once

#include <cstddef>
#include <optional>

#include "advisor/model/policy.h"
#include "operator/kube/objects/limit_range.h"
#include "operator/kube/objects/resource_quota.h"

namespace plimsoll::cluster {

// One container's part of what its workload asks for now.
struct Part {
  std::size_t pods = 1;
  Bytes requests{};      // of this container, in all pods
  Bytes all_requests{};  // of all containers that live as long as their pods
  // Of the limits of one pod, what is this container's: 1 where it is alone. Absent where one has
  // none: such a pod has no limit as a whole.
  std::optional<Ratio> of_pod_limit{};
};

// Several LimitRanges hold together: the tightest of each bound counts. Bounds of a whole pod are
// divided among its containers as their limits are now, in whole MiB: 1 GiB for limits of 192 and
// 64 MiB are 768 and 256. So all of them together are within it, and what one does not need is the
// others' at the next look, when it has grown less than they. Where nothing can be divided, that
// is left to the server, whose refusal is told.
void ApplyLimitRange(model::Constraints& constraints, const kube::LimitRange& range,
                     const Part& part);

// What the container's request may come to: what it has in all pods and its part of what the quota
// has left, divided by the pods, in whole MiB.
//
//   3 GiB, 1 used, 4 pods of 256 MiB             -> (1 + 2) GiB / 4 = 768 MiB
//   the same when the first pod has its 768 MiB  -> 1.5 used: (1.5 + 1.5) GiB / 4 = 768 MiB
//   4 pods of 192 + 64 MiB                       -> (768 + 2048 * 3/4) / 4 = 576 MiB and 192 MiB
//
// What is overdrawn takes nothing away. The tightest of several counts. One with scopes is passed
// over: which pods it counts is not known here.
void ApplyQuota(model::Constraints& constraints, const kube::ResourceQuota& quota,
                const Part& part);

}  // namespace plimsoll::cluster
