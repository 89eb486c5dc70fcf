// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/policy_file.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <nlohmann/json.hpp>

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

Result<nlohmann::json> ParseYaml(const std::string& text) {
  try {
    return ToJson(YAML::Load(text), 0);
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
  const auto json = ParseYaml(*text);
  if (!json) return std::unexpected(json.error().Context(path));
  const auto policy = api::ParseMemoryPolicy(*json);
  if (!policy) return std::unexpected(policy.error().Context(path));
  if (const auto valid = api::ValidateMemoryPolicy(policy->spec); !valid) {
    return std::unexpected(valid.error().Context(path));
  }
  return Resolve(policy->spec, container);
}

}  // namespace plimsoll::cli
