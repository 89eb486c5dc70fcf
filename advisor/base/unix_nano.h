// SPDX-License-Identifier: Apache-2.0
//
// Wall time as our messages carry it: nanoseconds since 1970.
#pragma once

#include <chrono>
#include <cstdint>

#include "advisor/base/time.h"

namespace plimsoll {

[[nodiscard]] constexpr std::uint64_t UnixNano(TimePoint time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

// Cut to whole milliseconds.
[[nodiscard]] constexpr TimePoint FromUnixNano(std::uint64_t nanos) {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(nanos)));
}

}  // namespace plimsoll
