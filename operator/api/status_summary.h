// SPDX-License-Identifier: Apache-2.0
//
// From the advisor's answers to what a user sees: the advice of one container, and the summary that
// `kubectl get memrec` prints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "advisor/model/policy.h"
#include "advisor/model/runtime_stats.h"
#include "advisor/recommend/recommendation.h"
#include "operator/api/memory_recommendation.h"
#include "operator/kube/objects/pod.h"

namespace plimsoll::api {

// One container's entry: numbers, settings, reasons and the arithmetic. `observed`, `oom` and the
// runtime's live figures are the caller's to fill: the advice does not carry them.
[[nodiscard]] ContainerAdvice AdviceFor(const std::string& container,
                                        const model::CurrentResources& current,
                                        const recommend::Recommendation& recommendation,
                                        const model::RuntimeStats* runtime);

// Sums over the containers of one pod. A container without a target counts with what it has, so
// that a sidecar without data does not look like a cut. `pod` is the newest pod's containers, for
// kind and order: the request is what Kubernetes reserves, max(app containers and sidecars, largest
// init container with the sidecars before it); init containers add nothing to the limit, and to the
// confidence only once they were observed. A container that `pod` does not name counts as the
// app's.
[[nodiscard]] RecommendationSummary Summarize(const std::vector<ContainerAdvice>& containers,
                                              std::span<const kube::Container> pod,
                                              std::int32_t replicas);

// The steps as lines a person can check, at most 48 of at most 256 bytes:
//   "limit.margin = limit.base 296Mi x 1 + margin 1.14 = 337.1Mi"
// Of a longer explanation the limit, the request and the steps nearest to them are kept; one line
// says how many others are not.
[[nodiscard]] std::vector<std::string> ExplanationLines(const recommend::Explanation& explanation);

}  // namespace plimsoll::api
