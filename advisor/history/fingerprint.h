// SPDX-License-Identifier: Apache-2.0
//
// 32 bits of a name (FNV-1a), the same on every machine and in every version: checkpoints carry
// them.
#pragma once

#include <cstdint>
#include <string_view>

namespace plimsoll::history {

// Never 0, which stands for "none".
[[nodiscard]] constexpr std::uint32_t Fingerprint(std::string_view text) {
  std::uint32_t hash = 2166136261U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash == 0 ? 1 : hash;
}

}  // namespace plimsoll::history
