// SPDX-License-Identifier: Apache-2.0
//
// How an informer takes custom resources, ours and others', off the wire:
//
//   kube::Informer<MemoryPolicy> policies(client, MemoryPolicyCodec(), {});
#pragma once

#include "operator/api/memory_checkpoint.h"
#include "operator/api/memory_policy.h"
#include "operator/api/memory_recommendation.h"
#include "operator/api/vertical_pod_autoscaler.h"
#include "operator/kube/object_codec.h"

namespace plimsoll::api {

[[nodiscard]] kube::ObjectCodec<MemoryPolicy> MemoryPolicyCodec();
[[nodiscard]] kube::ObjectCodec<MemoryRecommendation> MemoryRecommendationCodec();
[[nodiscard]] kube::ObjectCodec<MemoryCheckpoint> MemoryCheckpointCodec();
[[nodiscard]] kube::ObjectCodec<VerticalPodAutoscaler> VerticalPodAutoscalerCodec();

}  // namespace plimsoll::api
