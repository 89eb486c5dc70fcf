// SPDX-License-Identifier: Apache-2.0
#include "operator/config/flag_values.h"

#include <charconv>
#include <cstdint>
#include <regex>

namespace plimsoll::config {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxObjectName = 253;
constexpr std::size_t kMaxSelector = 1024;

constexpr const char* kLabel = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";

std::unexpected<Error> Refuse(std::string_view flag, std::string_view given,
                              std::string_view remedy) {
  return Fail(ErrorCode::kInvalid,
              std::string(flag) + " is '" + std::string(given) + "'; " + std::string(remedy));
}

bool Matches(std::string_view text, std::size_t most, const std::string& pattern) {
  return text.size() <= most && std::regex_match(text.begin(), text.end(), std::regex(pattern));
}

}  // namespace

Status CheckLabel(std::string_view flag, std::string_view name) {
  if (Matches(name, kMaxLabel, kLabel)) return {};
  return Refuse(flag, name,
                "a name is 1 to 63 of a-z, 0-9 and '-', and begins and ends with one of a-z, 0-9");
}

Status CheckObjectName(std::string_view flag, std::string_view name) {
  const std::string label(kLabel);
  if (Matches(name, kMaxObjectName, label + "(\\." + label + ")*")) return {};
  return Refuse(flag, name,
                "a name is 1 to 253 of a-z, 0-9, '-' and '.', each part between dots beginning and "
                "ending with one of a-z, 0-9");
}

Status CheckSelector(std::string_view flag, std::string_view selector) {
  const std::string word = "[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?";
  const std::string key = "([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?" + word;
  const std::string value = "(" + word + ")?";
  const std::string list = "\\(\\s*" + value + "(\\s*,\\s*" + value + ")*\\s*\\)";
  const std::string requirement = "\\s*(!?\\s*" + key + "|" + key + "\\s*(=|==|!=)\\s*" + value +
                                  "|" + key + "\\s+(in|notin)\\s*" + list + ")\\s*";
  if (Matches(selector, kMaxSelector, requirement + "(," + requirement + ")*")) return {};
  return Refuse(flag, selector,
                "a label selector is key=value, key!=value, key, !key or key in (a, b), joined by "
                "commas, at most 1024 bytes");
}

Status CheckEndpoint(std::string_view flag, std::string_view endpoint) {
  constexpr const char* kRemedy =
      "write HOST:PORT or [IPv6]:PORT with a port from 0 to 65535, as [::]:9478";
  if (endpoint.starts_with("unix:") || endpoint.starts_with("unix-abstract:")) return {};
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return Refuse(flag, endpoint, kRemedy);
  const std::string_view host = endpoint.substr(0, colon);
  const std::string_view port = endpoint.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (!bracketed && host.find(':') != std::string_view::npos) {
    return Refuse(flag, endpoint, kRemedy);
  }
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error != std::errc() || end != port.data() + port.size()) {
    return Refuse(flag, endpoint, kRemedy);
  }
  return {};
}

Status CheckNoWords(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  return Fail(ErrorCode::kInvalid,
              "'" + words.front() +
                  "' belongs to no flag; leave it out, or write --FLAG=VALUE (a flag without a "
                  "value, as --insecure, takes none); --help lists the flags");
}

}  // namespace plimsoll::config
