// SPDX-License-Identifier: Apache-2.0
//
// Shown numbers are round, always upwards: to steps of 1/64 of the leading power of two, from 1 MiB
// to 64 MiB, which adds 1 % on average. What changes with every reading is held by the least
// change.
//   24.3 MiB -> 25 MiB;  301 MiB -> 304 MiB (step 4);  1.01 GiB -> 1040 MiB (step 16)
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace plimsoll::recommend {

[[nodiscard]] inline double RoundingStep(double bytes) {
  constexpr double kMiB = 1 << 20;
  const auto leading = std::bit_floor(static_cast<std::uint64_t>(std::max(bytes, 1.0)));
  return std::clamp(static_cast<double>(leading) / 64, kMiB, 64 * kMiB);
}

}  // namespace plimsoll::recommend
