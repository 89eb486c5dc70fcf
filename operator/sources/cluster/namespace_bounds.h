// SPDX-License-Identifier: Apache-2.0
//
// What LimitRanges and ResourceQuotas of a namespace leave for one container of a pod.
#pragma once

#include <cstddef>

#include "advisor/model/policy.h"
#include "operator/kube/objects/limit_range.h"
#include "operator/kube/objects/resource_quota.h"

namespace plimsoll::cluster {

// Several LimitRanges hold together: the tightest of each bound counts. Bounds of a whole pod are
// those of its container where the pod has one (`only_container`); how several would share them is
// left to the server, whose refusal is told.
void ApplyLimitRange(model::Constraints& constraints, const kube::LimitRange& range,
                     bool only_container);

// What the quota has left for requests, shared by the workload's `pods`, which will all ask for as
// much: 2 GiB left and 4 pods are 512 MiB more for each. The tightest of several counts. One with
// scopes is passed over: which pods it counts is not known here.
void ApplyQuota(model::Constraints& constraints, const kube::ResourceQuota& quota,
                std::size_t pods);

}  // namespace plimsoll::cluster
