// SPDX-License-Identifier: Apache-2.0
#include "operator/api/memory_policy.h"
#include "operator/api/bounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "operator/api/json_reader.h"
#include "operator/api/json_writer.h"
#include "operator/api/names.h"
#include "operator/api/objective.h"
#include "operator/api/recommendation_words.h"

namespace plimsoll::api {
namespace {

using nlohmann::json;

// The schema's own bounds (crds/memorypolicies.yaml).
constexpr std::size_t kMaxTargets = 64;
constexpr std::size_t kMaxExpressions = 16;
constexpr std::size_t kMaxValues = 64;
constexpr std::size_t kMaxLabelText = 317;
constexpr std::size_t kMaxWindows = 16;
constexpr Bytes kLeastBound(8 << 20);   // 8Mi
constexpr Bytes kMostAmount(1L << 50);  // 1Pi

constexpr std::array<std::pair<std::string_view, model::Controlled>, 4> kControlled = {{
    {"RequestsAndLimits", model::Controlled::kRequestsAndLimits},
    {"RequestsOnly", model::Controlled::kRequestsOnly},
    {"LimitsOnly", model::Controlled::kLimitsOnly},
    {"None", model::Controlled::kNone},
}};
using Operator = LabelRequirement::Operator;
constexpr std::array<std::pair<std::string_view, Operator>, 4> kOperators = {{
    {"In", Operator::kIn},
    {"NotIn", Operator::kNotIn},
    {"Exists", Operator::kExists},
    {"DoesNotExist", Operator::kDoesNotExist},
}};

LabelSelector ReadSelector(const JsonReader& reader) {
  LabelSelector selector;
  selector.match_labels = reader.TextMap("matchLabels", kMaxValues);
  for (const JsonReader& item : reader.ObjectList("matchExpressions", kMaxExpressions)) {
    LabelRequirement requirement;
    requirement.key = item.RequiredText("key", kMaxLabelText);
    const std::optional<Operator> op = item.Choice<Operator>("operator", kOperators);
    if (!op) item.Report("operator", "is required");
    requirement.op = op.value_or(Operator::kExists);
    requirement.values = item.TextList("values", kMaxValues, kMaxLabelText);
    selector.match_expressions.push_back(std::move(requirement));
  }
  return selector;
}

ContainerPolicy ReadContainerPolicy(const JsonReader& reader) {
  return {.name = reader.RequiredText("name", 253),
          .min_allowed = reader.Object("minAllowed").Quantity("memory"),
          .max_allowed = reader.Object("maxAllowed").Quantity("memory"),
          .controlled = reader.Choice<model::Controlled>("controlled", kControlled)};
}

std::optional<std::int32_t> ReadPercent(const JsonReader& reader, std::string_view key,
                                        std::int64_t least, std::int64_t most) {
  const std::optional<std::int64_t> percent = reader.Integer(key, least, most);
  if (!percent) return std::nullopt;
  return static_cast<std::int32_t>(*percent);
}

AutoPatchPolicy ReadAutoPatch(const JsonReader& reader) {
  const JsonReader min_change = reader.Object("minChange");
  AutoPatchPolicy policy{.min_change = {.percent = ReadPercent(min_change, "percent", 0, 100),
                                        .memory = min_change.Quantity("memory")},
                         .max_step_down_percent = ReadPercent(reader, "maxStepDownPercent", 1, 20),
                         .cooldown_seconds = reader.Integer("cooldownSeconds", 0, 604800)};
  for (const JsonReader& window : reader.ObjectList("windows", kMaxWindows)) {
    policy.windows.push_back(ReadPatchWindow(window));
  }
  return policy;
}

MemoryPolicySpec ReadSpec(const JsonReader& reader) {
  MemoryPolicySpec spec;
  for (const JsonReader& target : reader.ObjectList("targetRefs", kMaxTargets)) {
    spec.target_refs.push_back(ReadTargetRef(target));
  }
  if (const JsonReader selector = reader.Object("targetSelector"); selector.Present()) {
    spec.target_selector = ReadSelector(selector);
  }
  spec.mode = reader.Choice<Mode>("mode", kModeFields);
  spec.objective = reader.Choice<model::Objective>("objective", kObjectives);
  for (const JsonReader& container : reader.ObjectList("containers", kMaxContainers)) {
    spec.containers.push_back(ReadContainerPolicy(container));
  }
  spec.runtime_gc = reader.Object("runtime").Choice<Mode>("gc", kModeFields);
  spec.minimum_observation_seconds =
      reader.Object("learning").Integer("minimumSeconds", 0, 2592000);
  spec.auto_patch = ReadAutoPatch(reader.Object("autoPatch"));
  return spec;
}

// A slip such as 100m (a tenth of a byte) or 1e400 is no bound anybody meant.
Status CheckBound(const std::optional<Bytes>& amount, std::size_t index, const char* field) {
  if (!amount || (*amount >= kLeastBound && *amount <= kMostAmount)) return {};
  return Fail(ErrorCode::kInvalid,
              fmt::format("spec.containers[{}].{}.memory: must be an amount from 8Mi to 1Pi such "
                          "as 64Mi, 2Gi or 500M; leave it out for no bound",
                          index, field));
}

Status CheckContainer(const ContainerPolicy& container, std::size_t index) {
  if (Status least = CheckBound(container.min_allowed, index, "minAllowed"); !least) return least;
  if (Status most = CheckBound(container.max_allowed, index, "maxAllowed"); !most) return most;
  if (container.min_allowed && container.max_allowed &&
      *container.min_allowed > *container.max_allowed) {
    return Fail(ErrorCode::kInvalid,
                fmt::format("spec.containers[{}]: minAllowed.memory must not be above "
                            "maxAllowed.memory; lower the one or raise the other",
                            index));
  }
  return {};
}

bool Holds(const LabelRequirement& requirement, const kube::Labels& labels) {
  const std::optional<std::string_view> label = kube::Find(labels, requirement.key);
  const bool listed =
      label && std::ranges::find(requirement.values, *label) != requirement.values.end();
  switch (requirement.op) {
    case Operator::kIn:
      return listed;
    case Operator::kNotIn:  // as Kubernetes: a label that is not there is not in the list
      return !listed;
    case Operator::kExists:
      return label.has_value();
    case Operator::kDoesNotExist:
      return !label.has_value();
  }
  return false;
}

}  // namespace

bool LabelSelector::Matches(const kube::Labels& labels) const {
  const auto has = [&labels](const auto& wanted) {
    return kube::Find(labels, wanted.first) == std::string_view(wanted.second);
  };
  return std::ranges::all_of(match_labels, has) &&
         std::ranges::all_of(match_expressions, [&labels](const LabelRequirement& requirement) {
           return Holds(requirement, labels);
         });
}

Result<MemoryPolicy> ParseMemoryPolicy(const json& object) {
  Problem problem;
  const JsonReader reader(&object, "", problem);
  MemoryPolicy policy;
  policy.meta = ReadMeta(reader);
  policy.spec = ReadSpec(reader.Object("spec"));
  const JsonReader status = reader.Object("status");
  policy.status.observed_generation =
      status.Integer("observedGeneration", 0, INT64_MAX).value_or(0);
  policy.status.matched_workloads = status.Integer("matchedWorkloads", 0, INT32_MAX);
  policy.status.conditions = ReadConditions(status);
  if (problem.Found()) return std::unexpected(problem.error().Context("MemoryPolicy"));
  return policy;
}

Status ValidateMemoryPolicy(const MemoryPolicySpec& spec) {
  if (spec.target_refs.empty() == !spec.target_selector.has_value()) {
    return Fail(ErrorCode::kInvalid,
                "spec: set exactly one of targetRefs and targetSelector; "
                "'targetSelector: {}' means every workload of the namespace");
  }
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerPolicy& container = spec.containers[i];
    if (!names.insert(container.name).second) {
      return Fail(ErrorCode::kInvalid,
                  fmt::format("spec.containers[{}].name: '{}' is listed twice; keep one entry", i,
                              container.name));
    }
    if (Status ok = CheckContainer(container, i); !ok) return ok;
  }
  if (const auto& least = spec.auto_patch.min_change.memory;
      least && (*least < Bytes(0) || *least > kMostAmount)) {
    return Fail(ErrorCode::kInvalid,
                "spec.autoPatch.minChange.memory: must be an amount from 0 to 1Pi such as 32Mi");
  }
  for (std::size_t i = 0; i < spec.auto_patch.windows.size(); ++i) {
    const Status ok =
        CheckPatchWindow(spec.auto_patch.windows[i], fmt::format("spec.autoPatch.windows[{}]", i));
    if (!ok) return ok;
  }
  return {};
}

json MemoryPolicyStatusApply(const MemoryPolicy& policy) {
  json document = WriteIdentity(kMemoryPolicies, policy.meta);
  json& status = document["status"];
  status["observedGeneration"] = policy.status.observed_generation;
  PutNumber(status, "matchedWorkloads", policy.status.matched_workloads);
  Put(status, "conditions", WriteConditions(policy.status.conditions));
  return document;
}

}  // namespace plimsoll::api
