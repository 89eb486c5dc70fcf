// SPDX-License-Identifier: Apache-2.0
//
// One YAML document as JSON, as kubectl would send it, and where in it a field stands. What YAML
// lets through and nobody means (a key twice, a second document) is an error with its line.
#pragma once

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::cli {

// The only document of `text`; those that are empty are passed over, as kubectl does. kInvalid with
// line and remedy. Throws YAML::Exception, whose text names the line, for what is no YAML.
[[nodiscard]] Result<YAML::Node> OnlyDocument(const std::string& text);

// kInvalid, naming line and field, for a key given twice, for more than 32 levels and for more
// than 4 MiB of what aliases stand for. To be asked before anything else walks through the node.
[[nodiscard]] Result<nlohmann::json> ToJson(const YAML::Node& node);

// Of the deepest part of `path` ("spec.containers[0].name") that the document has; 1 for none.
[[nodiscard]] int LineOf(const YAML::Node& document, std::string_view path);

// "line 8: field: message".
[[nodiscard]] Error AtLine(int line, const std::string& message);

}  // namespace plimsoll::cli
