// SPDX-License-Identifier: Apache-2.0
//
// Shown numbers are round, always upwards, and coarse enough not to change with every reading:
// steps of 1/32 of the leading power of two from 1 MiB to 16 MiB, and of 64 MiB from 1 GiB on.
//   24.3 MiB -> 25 MiB;  301 MiB -> 304 MiB (step 8);  1.01 GiB -> 1088 MiB
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace plimsoll::recommend {

[[nodiscard]] inline double RoundingStep(double bytes) {
  constexpr double kMiB = 1 << 20;
  if (bytes >= 1024 * kMiB) return 64 * kMiB;
  const auto leading = std::bit_floor(static_cast<std::uint64_t>(std::max(bytes, 1.0)));
  return std::clamp(static_cast<double>(leading) / 32, kMiB, 16 * kMiB);
}

}  // namespace plimsoll::recommend
