// SPDX-License-Identifier: Apache-2.0
//
// LimitRange, ResourceQuota and HorizontalPodAutoscaler from their protobuf messages: what others
// have ruled about a namespace's memory.
#pragma once

#include <string_view>

#include "operator/kube/objects/horizontal_pod_autoscaler.h"
#include "operator/kube/objects/limit_range.h"
#include "operator/kube/objects/resource_quota.h"
#include "operator/kube/wire/decode_context.h"

namespace plimsoll::kube::wire {

[[nodiscard]] LimitRange DecodeLimitRange(DecodeContext& context, std::string_view message);
[[nodiscard]] ResourceQuota DecodeResourceQuota(DecodeContext& context, std::string_view message);
// In decode_autoscaler.cc.
[[nodiscard]] HorizontalPodAutoscaler DecodeAutoscaler(DecodeContext& context,
                                                       std::string_view message);

}  // namespace plimsoll::kube::wire
