// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/policy_file.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "operator/api/memory_policy.h"
#include "operator/cli/command.h"

namespace plimsoll::cli {
namespace {

constexpr std::size_t kMaxBytes = 256 << 10;
constexpr int kMaxDepth = 32;

nlohmann::json Scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;  // quoted: a string, whatever it looks like
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "~" || text.empty()) return nullptr;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  return text;
}

Result<nlohmann::json> ToJson(const YAML::Node& node, int depth) {
  if (depth > kMaxDepth) return Fail(ErrorCode::kInvalid, "nested deeper than 32 levels");
  if (node.IsScalar()) return Scalar(node);
  nlohmann::json result = nullptr;
  if (node.IsSequence()) {
    result = nlohmann::json::array();
    for (const auto& each : node) {
      auto value = ToJson(each, depth + 1);
      if (!value) return value;
      result.push_back(std::move(*value));
    }
  } else if (node.IsMap()) {
    result = nlohmann::json::object();
    for (const auto& each : node) {
      auto value = ToJson(each.second, depth + 1);
      if (!value) return value;
      result[each.first.as<std::string>()] = std::move(*value);
    }
  }
  return result;
}

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
      {"spec.autoPatch", {"minChange", "maxStepDownPercent", "cooldownSeconds"}},
      {"spec.autoPatch.minChange", {"percent", "memory"}},
  };
  return fields;
}

// The API server refuses or drops a field it does not know; here it is a misspelling. `node` is no
// deeper than ToJson() lets through.
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
    const std::string field = path.empty() ? key : path + "." + key;
    if (known != KnownFields().end() && !known->second.contains(key)) {
      std::string names;
      for (const std::string& name : known->second) names += (names.empty() ? "" : ", ") + name;
      return Fail(ErrorCode::kInvalid, "line " + std::to_string(each.first.Mark().line + 1) + ": " +
                                           field + ": there is no such field; there are " + names);
    }
    if (Status ok = CheckFields(each.second, field); !ok) return ok;
  }
  return {};
}

// Of the deepest part of `path` ("spec.containers[0].name") that the document has; `line` is its
// parent's.
int LineOf(const YAML::Node& node, std::string_view path, int line) {
  if (path.starts_with('[') && node.IsSequence()) {
    std::size_t index = 0;
    std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (index >= node.size()) return line;
    const YAML::Node item = node[index];
    return LineOf(item, path.substr(std::min(path.find(']'), path.size() - 1) + 1),
                  item.Mark().line + 1);
  }
  if (path.starts_with('.')) path.remove_prefix(1);
  const std::string_view name = path.substr(0, path.find_first_of(".["));
  if (name.empty() || !node.IsMap()) return line;
  for (const auto& each : node) {
    if (each.first.Scalar() != name) continue;
    return LineOf(each.second, path.substr(name.size()), each.first.Mark().line + 1);
  }
  return line;
}

// The API's checks name the field; in a file there is a line to it.
Error AtLine(const YAML::Node& node, const Error& error) {
  std::string_view message = error.message();
  if (constexpr std::string_view kKind = "MemoryPolicy: "; message.starts_with(kKind))
    message.remove_prefix(kKind.size());
  const int line = LineOf(node, message.substr(0, message.find(": ")), 1);
  return Error(error.code(), "line " + std::to_string(line) + ": " + std::string(message));
}

Result<api::MemoryPolicySpec> ParseSpec(const std::string& text) {
  try {
    const YAML::Node node = YAML::Load(text);
    const auto json = ToJson(node, 0);
    if (!json) return std::unexpected(json.error());
    if (const Status ok = CheckFields(node, ""); !ok) return std::unexpected(ok.error());
    const auto policy = api::ParseMemoryPolicy(*json);
    if (!policy) return std::unexpected(AtLine(node, policy.error()));
    if (const auto valid = api::ValidateMemoryPolicy(policy->spec); !valid)
      return std::unexpected(AtLine(node, valid.error()));
    return policy->spec;
  } catch (const YAML::Exception& error) {
    return Fail(ErrorCode::kInvalid, error.what());
  }
}

model::Policy Resolve(const api::MemoryPolicySpec& spec, std::string_view container) {
  model::Policy policy;
  if (spec.objective) policy.objective = *spec.objective;
  const api::ContainerPolicy* best = nullptr;
  for (const auto& each : spec.containers) {
    if (each.name == container || (each.name == "*" && best == nullptr)) best = &each;
  }
  if (best == nullptr) return policy;
  policy.min_allowed = best->min_allowed;
  policy.max_allowed = best->max_allowed;
  if (best->controlled) policy.controlled = *best->controlled;
  return policy;
}

}  // namespace

Result<model::Policy> ReadPolicy(const std::string& path, std::string_view container) {
  const auto text = ReadSmallFile(path, kMaxBytes);
  if (!text) return std::unexpected(text.error());
  const auto spec = ParseSpec(*text);
  if (!spec) return std::unexpected(spec.error().Context(path));
  return Resolve(*spec, container);
}

}  // namespace plimsoll::cli
