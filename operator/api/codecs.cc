// SPDX-License-Identifier: Apache-2.0
#include "operator/api/codecs.h"

#include "operator/api/names.h"

namespace plimsoll::api {

kube::ObjectCodec<MemoryPolicy> MemoryPolicyCodec() {
  return kube::JsonCodec<MemoryPolicy>(kMemoryPolicies, &ParseMemoryPolicy);
}

kube::ObjectCodec<MemoryRecommendation> MemoryRecommendationCodec() {
  return kube::JsonCodec<MemoryRecommendation>(kMemoryRecommendations, &ParseMemoryRecommendation);
}

kube::ObjectCodec<MemoryCheckpoint> MemoryCheckpointCodec() {
  return kube::JsonCodec<MemoryCheckpoint>(kMemoryCheckpoints, &ParseMemoryCheckpoint);
}

kube::ObjectCodec<VerticalPodAutoscaler> VerticalPodAutoscalerCodec() {
  return kube::JsonCodec<VerticalPodAutoscaler>(kVerticalPodAutoscalers,
                                                &ParseVerticalPodAutoscaler);
}

}  // namespace plimsoll::api
