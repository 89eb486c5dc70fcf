// SPDX-License-Identifier: Apache-2.0
//
// Everything that policy, labels, annotations and the operator's settings say about one workload,
// in the types that act on it. Pure, but that a policy's time zones are looked up in files: the
// controllers ask it with what their informers hold.
//
//   const Resolution resolved = Resolve(settings, subject, namespace_labels, policies);
//   question.policy = resolved.PolicyFor("app");
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/model/policy.h"
#include "advisor/recommend/recommendation.h"
#include "operator/api/memory_policy.h"
#include "operator/api/memory_recommendation.h"
#include "operator/controllers/policy/mode_precedence.h"
#include "operator/controllers/policy/selection.h"

namespace plimsoll::policy {

// The operator's flags that bear on policy.
struct Settings {
  Guards guards{};
  api::Mode default_mode = api::Mode::kRecommend;
  model::Objective objective = model::Objective::kBalanced;
  std::set<std::string> exclude_containers{};  // by name, in every namespace
};

// What a policy by itself says of one container: by the container's own entry, else by "*", whole;
// what the policy leaves open is model::Policy's default.
[[nodiscard]] model::Policy PolicyOf(const api::MemoryPolicySpec& spec, std::string_view container);

class Resolution {
 public:
  // Mode and where it came from, as status shows it.
  api::EffectivePolicy effective{};
  bool ceiling_reached = false;
  // What may be done with GC settings: never above the mode.
  api::Mode runtime_gc = api::Mode::kRecommend;
  // As the policy says; what it leaves open is the rollout engine's default.
  api::AutoPatchPolicy auto_patch{};
  // What a user wrote and cannot be meant (UnknownModeLabel, PolicyNotFound, PolicyInvalid), each
  // with a sentence that says what would be right.
  std::vector<recommend::Reason> problems;

  [[nodiscard]] model::Policy PolicyFor(std::string_view container) const;
  // No advice and no patch: listed by settings or annotation, or controlled is None.
  [[nodiscard]] bool Excludes(std::string_view container) const;

 private:
  friend Resolution Resolve(const Settings& settings, const Subject& subject,
                            const kube::Labels& namespace_labels,
                            const std::vector<PolicyPtr>& policies);

  PolicyPtr policy_;  // null: none, or one that contradicts itself
  model::Objective objective_ = model::Objective::kBalanced;
  std::set<std::string, std::less<>> excluded_;
};

// A policy in force that contradicts itself (an older schema let it through) sets no numbers, and
// the mode is then at most Recommend: bounds that cannot be known must not be patched past.
[[nodiscard]] Resolution Resolve(const Settings& settings, const Subject& subject,
                                 const kube::Labels& namespace_labels,
                                 const std::vector<PolicyPtr>& policies);

}  // namespace plimsoll::policy
