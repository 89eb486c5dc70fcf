// SPDX-License-Identifier: Apache-2.0
//
// What the user allows for one workload, after precedence (ux.md §5), in the words that the
// recommendation needs. Resolved by the policy controller and handed in.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "advisor/model/container_key.h"
#include "advisor/model/policy.h"
#include "advisor/recommend/recommendation.h"
#include "operator/api/memory_policy.h"
#include "operator/api/memory_recommendation.h"
#include "operator/fleet/workload.h"

namespace plimsoll::recommendation {

struct ResolvedPolicy {
  api::EffectivePolicy effective{};
  // Set when the mode is not what was asked for: CeilingReached, UnknownModeLabel, ...
  std::optional<recommend::Reason> mode_note{};
  api::Mode runtime_gc = api::Mode::kRecommend;
  api::AutoPatchPolicy auto_patch{};
  std::function<model::Policy(const std::string& container)> for_container{};
  std::function<bool(const std::string& container)> excludes{};
};

using PolicyLookup =
    std::function<ResolvedPolicy(const model::WorkloadKey& key, const fleet::Identity& identity)>;

}  // namespace plimsoll::recommendation
