// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/policy_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <ostream>

#include "operator/api/names.h"
#include "operator/api/text.h"
#include "operator/cli/command.h"
#include "operator/cli/shown.h"
#include "operator/cli/yaml_document.h"
#include "operator/controllers/policy/resolution.h"

namespace plimsoll::cli {
namespace {

constexpr std::size_t kMaxBytes = 256 << 10;
constexpr std::string_view kAnyContainer = "*";

// The fields of each object of a policy (crds/memorypolicies.yaml); of one that is not listed, any.
using Fields = std::map<std::string, std::set<std::string>, std::less<>>;
const Fields& KnownFields() {
  static const Fields fields = {
      {"", {"apiVersion", "kind", "metadata", "spec", "status"}},
      {"spec",
       {"targetRefs", "targetSelector", "mode", "objective", "containers", "runtime", "learning",
        "autoPatch"}},
      {"spec.targetRefs[]", {"apiVersion", "kind", "name"}},
      {"spec.targetSelector", {"matchLabels", "matchExpressions"}},
      {"spec.targetSelector.matchExpressions[]", {"key", "operator", "values"}},
      {"spec.containers[]", {"name", "minAllowed", "maxAllowed", "controlled"}},
      {"spec.containers[].minAllowed", {"memory"}},
      {"spec.containers[].maxAllowed", {"memory"}},
      {"spec.runtime", {"gc"}},
      {"spec.learning", {"minimumSeconds"}},
      {"spec.autoPatch", {"minChange", "maxStepDownPercent", "cooldownSeconds", "windows"}},
      {"spec.autoPatch.minChange", {"percent", "memory"}},
      {"spec.autoPatch.windows[]", {"days", "start", "end", "timeZone"}},
  };
  return fields;
}

// The API server refuses or drops a field it does not know; here it is a misspelling. `node` is no
// deeper or larger than ToJson() lets through.
Status CheckFields(const YAML::Node& node, const std::string& path) {
  if (node.IsSequence()) {
    for (const auto& each : node) {
      if (Status ok = CheckFields(each, path + "[]"); !ok) return ok;
    }
  }
  if (!node.IsMap()) return {};
  const auto known = KnownFields().find(path);
  for (const auto& each : node) {
    const auto key = each.first.as<std::string>();
    const std::string field = path.empty() ? key : fmt::format("{}.{}", path, key);
    if (known != KnownFields().end() && !known->second.contains(key)) {
      return std::unexpected(
          AtLine(each.first.Mark().line + 1, fmt::format("{}: there is no such field; there are {}",
                                                         field, fmt::join(known->second, ", "))));
    }
    if (Status ok = CheckFields(each.second, field); !ok) return ok;
  }
  return {};
}

// `field` must be `wanted`, as the API server takes the object to what it says it is.
Status CheckIdentity(const YAML::Node& node, const nlohmann::json& json, const std::string& field,
                     const std::string& wanted) {
  if (!json.is_object()) {
    return std::unexpected(AtLine(1, "this is no MemoryPolicy; begin with apiVersion and kind"));
  }
  const auto found = json.find(field);
  if (found != json.end() && *found == wanted) return {};
  return std::unexpected(AtLine(LineOf(node, field),
                                found == json.end()
                                    ? fmt::format("{}: missing; write {}: {}", field, field, wanted)
                                    : fmt::format("{}: must be {}", field, wanted)));
}

// The API's checks name the field; in a file there is a line to it.
Error WithLine(const YAML::Node& node, const Error& error) {
  std::string_view message = error.message();
  if (constexpr std::string_view kKind = "MemoryPolicy: "; message.starts_with(kKind))
    message.remove_prefix(kKind.size());
  return AtLine(LineOf(node, message.substr(0, message.find(": "))), std::string(message));
}

Result<api::MemoryPolicySpec> ParseSpec(const std::string& text) {
  try {
    const auto node = OnlyDocument(text);
    if (!node) return std::unexpected(node.error());
    const auto json = ToJson(*node);
    if (!json) return std::unexpected(json.error());
    for (const auto& [field, wanted] :
         {std::pair("apiVersion", fmt::format("{}/{}", api::kGroup, api::kVersion)),
          std::pair("kind", std::string(api::kMemoryPolicies.kind))}) {
      if (const Status ok = CheckIdentity(*node, *json, field, wanted); !ok)
        return std::unexpected(ok.error());
    }
    if (const Status ok = CheckFields(*node, ""); !ok) return std::unexpected(ok.error());
    const auto policy = api::ParseMemoryPolicy(*json);
    if (!policy) return std::unexpected(WithLine(*node, policy.error()));
    if (const auto valid = api::ValidateMemoryPolicy(policy->spec); !valid)
      return std::unexpected(WithLine(*node, valid.error()));
    return policy->spec;
  } catch (const YAML::Exception& error) {
    return Fail(ErrorCode::kInvalid, error.what());
  }
}

}  // namespace

PolicyFile::PolicyFile(std::string path, api::MemoryPolicySpec spec)
    : path_(std::move(path)), spec_(std::move(spec)) {
  for (const auto& entry : spec_.containers) {
    if (entry.name != kAnyContainer) unused_.insert(entry.name);
  }
}

model::Policy PolicyFile::For(std::string_view name) {
  const std::string_view container = name.substr(name.rfind('/') + 1);  // npos + 1: all of it
  if (const auto entry = unused_.find(container); entry != unused_.end()) unused_.erase(entry);
  const model::Policy policy = policy::PolicyOf(spec_, container);
  if (policy.controlled == model::Controlled::kNone && left_alone_++ == 0) first_left_alone_ = name;
  return policy;
}

void PolicyFile::WriteNotes(std::ostream& err) const {
  if (spec_.mode == api::Mode::kOff) {
    err << "note: " << path_
        << ": spec.mode: under Off the operator advises nothing, unless a workload's label says "
           "otherwise; here modes are not played, and the numbers are those of Recommend and "
           "AutoPatch\n";
  }
  if (left_alone_ > 0) {
    err << "note: " << path_ << ": spec.containers: controlled: None leaves alone "
        << api::Counted(left_alone_, "container") << " ('" << ShownName(first_left_alone_)
        << "' first), as the operator does: there is no advice, and a replay under lease goes on "
           "with what it began with\n";
  }
  for (const std::string& name : unused_) {
    err << "note: " << path_ << ": spec.containers: no container came that is named '"
        << ShownName(name)
        << "'; an entry is for the name behind the last '/', as 'web' of 'shop/web'\n";
  }
}

Result<PolicyFile> ReadPolicy(const std::string& path) {
  const auto text = ReadSmallFile(path, kMaxBytes);
  if (!text) return std::unexpected(text.error());
  auto spec = ParseSpec(*text);
  if (!spec) return std::unexpected(spec.error().Context(path));
  return PolicyFile(path, std::move(*spec));
}

}  // namespace plimsoll::cli
