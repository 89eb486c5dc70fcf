// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/yaml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "operator/api/text.h"

namespace plimsoll::cli {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxPathShown = 200;  // of a path, in an error
// Of values with their paths: an alias (*name) of aliases makes much of little, and every walk over
// the document goes through all of it. 16 times the longest file; without aliases it is four times.
constexpr std::size_t kMaxWritten = 4 << 20;

int Line(const YAML::Node& node) { return node.Mark().line + 1; }

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

class Converter {
 public:
  Result<nlohmann::json> Convert(const YAML::Node& node, const std::string& path, int depth) {
    if (depth > kMaxDepth) {
      return std::unexpected(
          AtLine(Line(node), fmt::format("{}: nested deeper than {} levels", path, kMaxDepth)));
    }
    written_ += 1 + path.size() + (node.IsScalar() ? node.Scalar().size() : 0);
    if (written_ > kMaxWritten) {
      return std::unexpected(
          AtLine(Line(node), fmt::format("{}: more than 4 MiB up to here, with each alias (*name) "
                                         "replaced by what it stands for; use fewer of them",
                                         api::FitText(path, kMaxPathShown))));
    }
    if (node.IsScalar()) return Scalar(node);
    if (node.IsSequence()) return List(node, path, depth);
    if (node.IsMap()) return Object(node, path, depth);
    return nullptr;
  }

 private:
  Result<nlohmann::json> List(const YAML::Node& node, const std::string& path, int depth) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& each : node) {
      auto value = Convert(each, fmt::format("{}[{}]", path, list.size()), depth + 1);
      if (!value) return value;
      list.push_back(std::move(*value));
    }
    return list;
  }

  Result<nlohmann::json> Object(const YAML::Node& node, const std::string& path, int depth) {
    nlohmann::json object = nlohmann::json::object();
    std::map<std::string, int, std::less<>> lines;
    for (const auto& each : node) {
      const auto key = each.first.as<std::string>();
      const std::string field = path.empty() ? key : fmt::format("{}.{}", path, key);
      // Which of the two would count is a matter of the reader; here it would be the last.
      if (const auto [first, added] = lines.emplace(key, Line(each.first)); !added) {
        return std::unexpected(AtLine(
            Line(each.first),
            fmt::format("{}: given twice, first in line {}; keep one", field, first->second)));
      }
      auto value = Convert(each.second, field, depth + 1);
      if (!value) return value;
      object[key] = std::move(*value);
    }
    return object;
  }

  std::size_t written_ = 0;
};

// `line` is the parent's.
int LineIn(const YAML::Node& node, std::string_view path, int line) {
  if (path.starts_with('[') && node.IsSequence()) {
    std::size_t index = 0;
    std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (index >= node.size()) return line;
    const YAML::Node item = node[index];
    return LineIn(item, path.substr(std::min(path.find(']'), path.size() - 1) + 1), Line(item));
  }
  if (path.starts_with('.')) path.remove_prefix(1);
  const std::string_view name = path.substr(0, path.find_first_of(".["));
  if (name.empty() || !node.IsMap()) return line;
  for (const auto& each : node) {
    if (each.first.Scalar() != name) continue;
    return LineIn(each.second, path.substr(name.size()), Line(each.first));
  }
  return line;
}

}  // namespace

Result<YAML::Node> OnlyDocument(const std::string& text) {
  std::vector<YAML::Node> documents = YAML::LoadAll(text);
  std::erase_if(documents, [](const YAML::Node& each) { return each.IsNull(); });
  if (documents.empty()) {
    return std::unexpected(AtLine(1, "there is no document; write one MemoryPolicy"));
  }
  if (documents.size() > 1) {
    return std::unexpected(
        AtLine(Line(documents[1]),
               "a second document, and only one can be meant; keep it or the first, which begins "
               "in line " +
                   std::to_string(Line(documents[0]))));
  }
  return documents.front();
}

Result<nlohmann::json> ToJson(const YAML::Node& node) { return Converter().Convert(node, "", 0); }

int LineOf(const YAML::Node& document, std::string_view path) { return LineIn(document, path, 1); }

Error AtLine(int line, const std::string& message) {
  return Error(ErrorCode::kInvalid, fmt::format("line {}: {}", line, message));
}

}  // namespace plimsoll::cli
