// SPDX-License-Identifier: Apache-2.0
//
// MemoryPolicy: what a user allows and asks for in a namespace. /crds/memorypolicies.yaml documents
// each field, its default and its consequence; absent here means "not said", never a default.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/units.h"
#include "advisor/model/policy.h"
#include "operator/api/condition.h"
#include "operator/api/mode.h"
#include "operator/api/patch_window.h"
#include "operator/api/target_ref.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::api {

// metav1.LabelSelector; empty selects everything.
struct LabelRequirement {
  enum class Operator { kIn, kNotIn, kExists, kDoesNotExist };
  std::string key;
  Operator op = Operator::kExists;
  std::vector<std::string> values;

  friend bool operator==(const LabelRequirement&, const LabelRequirement&) = default;
};

struct LabelSelector {
  std::map<std::string, std::string> match_labels;
  std::vector<LabelRequirement> match_expressions;

  [[nodiscard]] bool Empty() const { return match_labels.empty() && match_expressions.empty(); }
  [[nodiscard]] bool Matches(const kube::Labels& labels) const;
  friend bool operator==(const LabelSelector&, const LabelSelector&) = default;
};

// Bounds of one container, or of all that have no entry of their own ("*").
struct ContainerPolicy {
  std::string name;
  std::optional<Bytes> min_allowed{};
  std::optional<Bytes> max_allowed{};
  std::optional<model::Controlled> controlled{};

  friend bool operator==(const ContainerPolicy&, const ContainerPolicy&) = default;
};

struct MinChange {
  std::optional<std::int32_t> percent{};
  std::optional<Bytes> memory{};

  friend bool operator==(const MinChange&, const MinChange&) = default;
};

struct AutoPatchPolicy {
  MinChange min_change{};
  std::optional<std::int32_t> max_step_down_percent{};
  std::optional<std::int64_t> cooldown_seconds{};
  std::vector<PatchWindow> windows{};  // of decreases; empty: at any time

  friend bool operator==(const AutoPatchPolicy&, const AutoPatchPolicy&) = default;
};

struct MemoryPolicySpec {
  // Exactly one of these two; the server refuses an object with both or neither.
  std::vector<TargetRef> target_refs;
  std::optional<LabelSelector> target_selector{};

  std::optional<Mode> mode{};
  std::optional<model::Objective> objective{};
  std::vector<ContainerPolicy> containers;
  std::optional<std::int64_t> minimum_observation_seconds{};  // spec.learning.minimumSeconds
  std::optional<Mode> runtime_gc{};  // spec.runtime.gc; never acts above the mode
  AutoPatchPolicy auto_patch{};

  friend bool operator==(const MemoryPolicySpec&, const MemoryPolicySpec&) = default;
};

struct MemoryPolicyStatus {
  std::int64_t observed_generation = 0;
  std::optional<std::int64_t> matched_workloads{};
  std::vector<Condition> conditions;

  friend bool operator==(const MemoryPolicyStatus&, const MemoryPolicyStatus&) = default;
};

struct MemoryPolicy {
  kube::ObjectMeta meta{};
  MemoryPolicySpec spec{};
  MemoryPolicyStatus status{};
};

// Reads one object. Errors: kInvalid naming the field ("spec.containers[1].minAllowed.memory:
// ..."). Fields that this version does not know are passed over.
[[nodiscard]] Result<MemoryPolicy> ParseMemoryPolicy(const nlohmann::json& object);

// What the schema cannot say or an older schema let through: both or no targets, min above max, two
// entries for one container, a time zone that is none. Errors: kInvalid naming field and remedy.
[[nodiscard]] Status ValidateMemoryPolicy(const MemoryPolicySpec& spec);

// The body of a server-side apply of the status alone.
[[nodiscard]] nlohmann::json MemoryPolicyStatusApply(const MemoryPolicy& policy);

}  // namespace plimsoll::api
