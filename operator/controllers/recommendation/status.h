// SPDX-License-Identifier: Apache-2.0
//
// What `kubectl get memrec` and `kubectl describe` show of one workload.
#pragma once

#include <map>
#include <string>

#include "operator/api/memory_recommendation.h"
#include "operator/controllers/recommendation/conditions.h"

namespace plimsoll::recommendation {

// `previous`: what the object shows now; transition times and an older patch are kept from it.
[[nodiscard]] api::MemoryRecommendationStatus StatusOf(
    const ConditionInputs& inputs, const api::MemoryRecommendationStatus& previous, TimePoint now);

// Whether the difference matters to somebody who watches: numbers, verdicts, reasons, conditions,
// kills, patches. What moves with every reading (usage, the arithmetic's inputs) can wait.
[[nodiscard]] bool DiffersInSubstance(const api::MemoryRecommendationStatus& a,
                                      const api::MemoryRecommendationStatus& b);

}  // namespace plimsoll::recommendation
