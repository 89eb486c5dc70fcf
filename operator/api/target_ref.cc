// SPDX-License-Identifier: Apache-2.0
#include "operator/api/target_ref.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdint>

namespace plimsoll::api {
namespace {

constexpr std::size_t kMaxObjectName = 253;

// FNV-1a, 64 bit: stable over releases, which std::hash is not.
std::uint64_t StableHash(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

}  // namespace

std::string ObjectNameFor(std::string_view kind, std::string_view name) {
  std::string whole = fmt::format("{}-{}", kind, name);
  for (char& c : whole) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (whole.size() <= kMaxObjectName) return whole;
  const std::string hash = fmt::format("{:016x}", StableHash(whole));
  return whole.substr(0, kMaxObjectName - 1 - hash.size()) + "-" + hash;
}

}  // namespace plimsoll::api
