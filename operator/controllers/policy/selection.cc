// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "operator/api/names.h"
#include "operator/api/text.h"

namespace plimsoll::policy {
namespace {

bool RefersTo(const api::TargetRef& target, const Subject& subject) {
  const bool same_group = target.api_version.empty() || subject.api_version.empty() ||
                          target.api_version == subject.api_version;
  return same_group && target.kind == subject.key.kind && target.name == subject.key.name;
}

// The order among equals: older first. A policy that is deleted and made again is younger.
bool Before(const PolicyPtr& a, const PolicyPtr& b) {
  return std::tie(a->meta.created, a->meta.name) < std::tie(b->meta.created, b->meta.name);
}

}  // namespace

MatchRank Match(const api::MemoryPolicy& policy, const Subject& subject) {
  if (policy.meta.ns != subject.key.ns) return MatchRank::kNone;
  if (kube::Find(subject.annotations, api::kPolicyAnnotation) == policy.meta.name.view()) {
    return MatchRank::kAnnotation;
  }
  const auto refers = [&subject](const api::TargetRef& target) {
    return RefersTo(target, subject);
  };
  if (std::ranges::any_of(policy.spec.target_refs, refers)) return MatchRank::kTargetRef;
  const std::optional<api::LabelSelector>& selector = policy.spec.target_selector;
  if (!selector || !selector->Matches(subject.labels)) return MatchRank::kNone;
  return selector->Empty() ? MatchRank::kEverything : MatchRank::kSelector;
}

Selection SelectPolicy(const std::vector<PolicyPtr>& policies, const Subject& subject) {
  Selection selection;
  MatchRank highest = MatchRank::kNone;
  for (const PolicyPtr& policy : policies) {
    const MatchRank rank = Match(*policy, subject);
    if (rank == MatchRank::kNone || rank < highest) continue;
    if (rank > highest) selection.losers.clear();
    highest = rank;
    selection.losers.push_back(policy);
  }
  if (!selection.losers.empty()) {
    std::ranges::sort(selection.losers, Before);
    selection.winner = selection.losers.front();
    selection.losers.erase(selection.losers.begin());
  }
  const std::optional<std::string_view> named =
      kube::Find(subject.annotations, api::kPolicyAnnotation);
  if (named && highest != MatchRank::kAnnotation) {
    selection.problem =
        fmt::format("annotation {}={}: there is no such MemoryPolicy in namespace {}",
                    api::kPolicyAnnotation, api::FitText(*named, 63), subject.key.ns);
  }
  return selection;
}

}  // namespace plimsoll::policy
