// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/json_members.h"

namespace plimsoll::kube::wire {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

void SkipSpace(std::string_view& text) {
  const std::size_t at = text.find_first_not_of(kSpace);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at);
}

bool Take(std::string_view& text, char wanted) {
  SkipSpace(text);
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// A string, an object or array, or a bare word; empty when it is cut off.
std::string_view TakeValue(std::string_view& text) {
  SkipSpace(text);
  JsonDepth depth;
  std::size_t length = 0;
  while (length < text.size()) {
    const char c = text[length];
    const bool ends_word =
        depth.depth() == 0 && !depth.in_string() && (c == ',' || c == '}' || c == ']');
    if (ends_word) break;
    ++length;
    const bool closed =
        depth.Step(c) == 0 && !depth.in_string() && (c == '"' || c == '}' || c == ']');
    if (closed) break;
  }
  if (depth.depth() != 0 || depth.in_string()) return {};
  std::string_view value = text.substr(0, length);
  text.remove_prefix(length);
  while (!value.empty() && kSpace.find(value.back()) != std::string_view::npos) {
    value.remove_suffix(1);
  }
  return value;
}

std::unexpected<Error> Malformed() { return Fail(ErrorCode::kInvalid, "malformed JSON object"); }

}  // namespace

Status ForEachMember(
    std::string_view text,
    const std::function<void(std::string_view key, std::string_view value)>& member) {
  if (!Take(text, '{')) return Malformed();
  if (Take(text, '}')) return {};
  while (true) {
    SkipSpace(text);
    if (text.empty() || text.front() != '"') return Malformed();
    const std::string_view key = TakeValue(text);
    if (key.size() < 2 || !Take(text, ':')) return Malformed();
    const std::string_view value = TakeValue(text);
    if (value.empty()) return Malformed();
    member(key.substr(1, key.size() - 2), value);
    if (Take(text, ',')) continue;
    return Take(text, '}') ? Status() : Malformed();
  }
}

}  // namespace plimsoll::kube::wire
