// SPDX-License-Identifier: Apache-2.0
#include "operator/fleet/stats_endpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "advisor/base/result.h"
#include "operator/api/names.h"
#include "operator/api/text.h"

namespace plimsoll::fleet {
namespace {

constexpr std::size_t kMaxPath = 107;   // of a Unix socket's address
constexpr std::size_t kMaxQuoted = 64;  // of a user's text in a message
constexpr std::size_t kMaxValue = 4096;
constexpr std::string_view kDefaultContainer = "kubectl.kubernetes.io/default-container";

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool IsPrintable(char c) { return c >= 0x20 && c < 0x7f; }

std::string Quoted(std::string_view text) {
  std::string shown = api::FitText(text, kMaxQuoted);
  std::ranges::replace_if(shown, [](char c) { return !IsPrintable(c); }, '?');
  return "\"" + shown + "\"";
}

std::string_view DefaultContainer(const kube::Pod& pod) {
  const auto named = kube::Find(pod.meta.annotations, kDefaultContainer);
  if (named && pod.FindContainer(*named) != nullptr) return *named;
  return pod.containers.empty() ? std::string_view() : pod.containers.front().name.view();
}

bool GoesUp(std::string_view path) {
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::size_t end = path.find('/', at);
    if (path.substr(at, end == std::string_view::npos ? end : end - at) == "..") return true;
    at = end == std::string_view::npos ? end : end + 1;
  }
  return false;
}

Result<std::string> SocketFrom(std::string_view text) {
  const bool sound = text.starts_with('/') && text.size() > 1 && text.size() <= kMaxPath &&
                     std::ranges::all_of(text, IsPrintable) && !GoesUp(text);
  if (sound) return std::string(text);
  return Fail(ErrorCode::kInvalid,
              Quoted(text) +
                  " is not an absolute path of at most 107 ASCII characters without "
                  "\"..\", such as /run/app/stats.sock");
}

Result<std::uint16_t> PortFrom(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc() && end == text.data() + text.size() && port != 0) return port;
  return Fail(ErrorCode::kInvalid,
              Quoted(text) + " is not a port from 1 to 65535, such as \"9477\"");
}

// What the annotation gives the container: nothing, one value, or what is wrong.
template <class Read>
auto ValueFor(const kube::Pod& pod, std::string_view container, std::string_view annotation,
              Read read) -> Result<std::optional<typename decltype(read({}))::value_type>> {
  const auto whole = kube::Find(pod.meta.annotations, annotation);
  std::optional<typename decltype(read({}))::value_type> value;
  if (!whole) return value;
  const std::string_view fallback = DefaultContainer(pod);
  const auto bad = [&](const std::string& why) {
    return Fail(ErrorCode::kInvalid,
                "annotation " + std::string(annotation) + ": " + why +
                    "; correct it in the pod template, nothing is read before");
  };
  if (whole->size() > kMaxValue) return bad("is longer than 4096 bytes");
  std::string_view rest = *whole;
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const std::string_view entry = Trimmed(rest.substr(0, comma));
    more = comma != std::string_view::npos;
    if (more) rest.remove_prefix(comma + 1);
    const std::size_t equals = entry.starts_with('/') ? std::string_view::npos : entry.find('=');
    const bool named = equals != std::string_view::npos;
    const std::string_view name = named ? Trimmed(entry.substr(0, equals)) : fallback;
    if (named && pod.FindContainer(name) == nullptr) {
      if (container == fallback) return bad(Quoted(name) + " is no container of this pod");
      continue;
    }
    if (name != container) continue;
    if (value) return bad("container " + std::string(container) + " is given twice");
    auto given = read(named ? Trimmed(entry.substr(equals + 1)) : entry);
    if (!given) return bad(given.error().message());
    value = *std::move(given);
  }
  return value;
}

}  // namespace

StatsEndpoint StatsEndpointOf(const kube::Pod& pod, std::string_view container) {
  const auto socket = ValueFor(pod, container, api::kStatsSocketAnnotation, SocketFrom);
  if (!socket) return {.socket = {}, .port = 0, .problem = socket.error().message()};
  const auto port = ValueFor(pod, container, api::kStatsPortAnnotation, PortFrom);
  if (!port) return {.socket = {}, .port = 0, .problem = port.error().message()};
  return {.socket = socket->value_or(""), .port = port->value_or(0), .problem = {}};
}

}  // namespace plimsoll::fleet
