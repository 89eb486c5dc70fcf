// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/resolution.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "operator/api/names.h"
#include "operator/api/reasons.h"

namespace plimsoll::policy {
namespace {

using api::Mode;

constexpr std::string_view kAnyContainer = "*";

std::optional<std::string> LabelValue(const kube::Labels& labels) {
  const std::optional<std::string_view> value = kube::Find(labels, api::kModeLabel);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

// "istio-proxy, linkerd-proxy" -> both names; empty parts are passed over.
void AddNames(std::string_view list, std::set<std::string, std::less<>>& names) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view name = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace(name);
  }
}

const api::ContainerPolicy* EntryFor(const api::MemoryPolicySpec& spec,
                                     std::string_view container) {
  const api::ContainerPolicy* any = nullptr;
  for (const api::ContainerPolicy& entry : spec.containers) {
    if (entry.name == container) return &entry;
    if (entry.name == kAnyContainer) any = &entry;
  }
  return any;
}

}  // namespace

model::Policy PolicyOf(const api::MemoryPolicySpec& spec, std::string_view container) {
  model::Policy policy;
  policy.objective = spec.objective.value_or(policy.objective);
  if (spec.minimum_observation_seconds) {
    policy.minimum_observation = std::chrono::seconds(*spec.minimum_observation_seconds);
  }
  if (const api::ContainerPolicy* entry = EntryFor(spec, container)) {
    policy.min_allowed = entry->min_allowed;
    policy.max_allowed = entry->max_allowed;
    policy.controlled = entry->controlled.value_or(policy.controlled);
  }
  return policy;
}

model::Policy Resolution::PolicyFor(std::string_view container) const {
  model::Policy policy = policy_ ? PolicyOf(policy_->spec, container) : model::Policy();
  policy.objective = objective_;
  if (excluded_.contains(container)) policy.controlled = model::Controlled::kNone;
  return policy;
}

bool Resolution::Excludes(std::string_view container) const {
  return PolicyFor(container).controlled == model::Controlled::kNone;
}

Resolution Resolve(const Settings& settings, const Subject& subject,
                   const kube::Labels& namespace_labels, const std::vector<PolicyPtr>& policies) {
  const Selection selection = SelectPolicy(policies, subject);
  const api::MemoryPolicy* winner = selection.winner.get();
  const ModeQuestion question{.ns = subject.key.ns,
                              .namespace_ends = subject.namespace_ends,
                              .workload_label = LabelValue(subject.labels),
                              .policy_mode = winner != nullptr ? winner->spec.mode : std::nullopt,
                              .policy_name = winner != nullptr ? winner->meta.name.str() : "",
                              .namespace_label = LabelValue(namespace_labels),
                              .default_mode = settings.default_mode};
  const ModeAnswer answer = ResolveMode(settings.guards, question);

  Resolution resolved;
  resolved.effective = {.mode = answer.mode,
                        .mode_from = SourceText(answer.source, question.policy_name),
                        .policy_ref = question.policy_name};
  resolved.ceiling_reached = answer.ceiling_reached;
  resolved.objective_ = settings.objective;
  const auto report = [&resolved](std::string_view code, std::string message) {
    resolved.problems.push_back({.code = std::string(code), .message = std::move(message)});
  };
  if (answer.problem) report(api::reason::kUnknownModeLabel, *answer.problem);
  if (selection.problem) {
    // The bounds that its owner believes in are not there: nothing is patched without them.
    report(api::reason::kPolicyNotFound, *selection.problem);
    resolved.effective.mode = std::min(resolved.effective.mode, Mode::kRecommend);
  }

  if (winner != nullptr) {
    if (const Status valid = api::ValidateMemoryPolicy(winner->spec); !valid) {
      report(api::reason::kPolicyInvalid,
             fmt::format("MemoryPolicy {} is not used: {}", winner->meta.name.view(),
                         valid.error().message()));
      resolved.effective.mode = std::min(resolved.effective.mode, Mode::kRecommend);
    } else {
      resolved.policy_ = selection.winner;
      resolved.objective_ = winner->spec.objective.value_or(settings.objective);
      resolved.auto_patch = winner->spec.auto_patch;
    }
  }
  const Mode gc = resolved.policy_ ? resolved.policy_->spec.runtime_gc.value_or(Mode::kAutoPatch)
                                   : Mode::kAutoPatch;
  resolved.runtime_gc = std::min(gc, resolved.effective.mode);

  for (const std::string& name : settings.exclude_containers) resolved.excluded_.insert(name);
  if (const auto list = kube::Find(subject.annotations, api::kExcludeContainersAnnotation)) {
    AddNames(*list, resolved.excluded_);
  }
  return resolved;
}

}  // namespace plimsoll::policy
