// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/mode_precedence.h"

#include <fmt/format.h>

#include <algorithm>

#include "operator/api/names.h"
#include "operator/api/text.h"

namespace plimsoll::policy {
namespace {

using api::Mode;

struct Wanted {
  Mode mode = Mode::kRecommend;
  std::optional<std::string> problem{};
};

Wanted FromLabel(const std::string& value, std::string_view where) {
  if (const std::optional<Mode> mode = api::ParseModeLabel(value)) return {.mode = *mode};
  return {.mode = Mode::kRecommend,
          .problem =
              fmt::format("label {}={} on the {} is not one of {}; it counts as recommend",
                          api::kModeLabel, api::FitText(value, 63), where, api::kModeLabelValues)};
}

ModeAnswer Capped(const Guards& guards, Wanted wanted, ModeSource source) {
  return {.mode = std::min(wanted.mode, guards.max_mode),
          .source = source,
          .ceiling_reached = wanted.mode > guards.max_mode,
          .problem = std::move(wanted.problem)};
}

}  // namespace

ModeAnswer ResolveMode(const Guards& guards, const ModeQuestion& question) {
  if (guards.denied_namespaces.contains(question.ns)) {
    return {.mode = Mode::kOff, .source = ModeSource::kDeniedNamespace};
  }
  if (question.namespace_ends) return {.mode = Mode::kOff, .source = ModeSource::kEndingNamespace};
  if (question.workload_label) {
    return Capped(guards, FromLabel(*question.workload_label, "workload"),
                  ModeSource::kWorkloadLabel);
  }
  if (question.policy_mode) {
    return Capped(guards, {.mode = *question.policy_mode}, ModeSource::kPolicy);
  }
  if (question.namespace_label) {
    return Capped(guards, FromLabel(*question.namespace_label, "namespace"),
                  ModeSource::kNamespaceLabel);
  }
  return Capped(guards, {.mode = question.default_mode}, ModeSource::kDefault);
}

std::string SourceText(ModeSource source, const std::string& policy_name) {
  switch (source) {
    case ModeSource::kDeniedNamespace:
      return "denied namespace";
    case ModeSource::kEndingNamespace:
      return "namespace is being deleted";
    case ModeSource::kWorkloadLabel:
      return "workload label";
    case ModeSource::kPolicy:
      return fmt::format("MemoryPolicy {}", policy_name);
    case ModeSource::kNamespaceLabel:
      return "namespace label";
    case ModeSource::kDefault:
      return "default";
  }
  return "";
}

}  // namespace plimsoll::policy
