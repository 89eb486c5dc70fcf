// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/kube_path.h"

#include <algorithm>

namespace plimsoll::agent {
namespace {

constexpr std::size_t kIdLength = 64;

bool IsHex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The API's UUIDs, and the configuration hash that a static pod has instead: hex digits and dashes,
// long enough not to be taken for a word ("pod-a").
bool LooksLikeUid(std::string_view text) {
  return text.size() >= 8 && text.size() <= 64 &&
         std::ranges::all_of(text, [](char c) { return IsHex(c) || c == '-'; });
}

}  // namespace

bool IsContainerId(std::string_view text) {
  return text.size() == kIdLength && std::ranges::all_of(text, IsHex);
}

std::optional<std::string> PodUidOf(std::string_view segment) {
  constexpr std::string_view kSlice = ".slice";
  std::string_view uid;
  if (segment.ends_with(kSlice)) {
    segment.remove_suffix(kSlice.size());
    const std::size_t at = segment.rfind("-pod");
    if (at == std::string_view::npos) return std::nullopt;
    uid = segment.substr(at + 4);
    std::string dashed(uid);
    std::ranges::replace(dashed, '_', '-');
    return LooksLikeUid(dashed) ? std::optional(dashed) : std::nullopt;
  }
  if (!segment.starts_with("pod")) return std::nullopt;
  uid = segment.substr(3);
  return LooksLikeUid(uid) ? std::optional<std::string>(uid) : std::nullopt;
}

std::optional<std::string_view> ContainerIdOf(std::string_view segment) {
  constexpr std::string_view kScope = ".scope";
  if (segment.ends_with(kScope)) segment.remove_suffix(kScope.size());
  if (segment.size() < kIdLength) return std::nullopt;
  const std::string_view id = segment.substr(segment.size() - kIdLength);
  const std::string_view runtime = segment.substr(0, segment.size() - kIdLength);
  if (!IsContainerId(id)) return std::nullopt;
  if (!runtime.empty() && !runtime.ends_with('-')) return std::nullopt;
  if (runtime.find("conmon") != std::string_view::npos) return std::nullopt;
  return id;
}

std::optional<KubePath> ParseKubePath(std::string_view path) {
  KubePath found;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, end - start);
    if (found.pod_length == 0) {
      if (std::optional<std::string> uid = PodUidOf(segment)) {
        found.pod_uid = *std::move(uid);
        found.pod_length = end;
      }
    } else if (!segment.empty()) {
      if (const std::optional<std::string_view> id = ContainerIdOf(segment)) {
        found.container_id = *id;
        found.container_length = end;
      }
      break;
    }
    start = end + 1;
  }
  if (found.pod_length == 0) return std::nullopt;
  return found;
}

}  // namespace plimsoll::agent
