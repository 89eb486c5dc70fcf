// SPDX-License-Identifier: Apache-2.0
//
// Time cut into the slots that the rings count in: whole UTC minutes, hours and days since 1970.
#pragma once

#include <chrono>
#include <cstdint>

#include "advisor/base/time.h"

namespace plimsoll::history {

using Minute = std::uint32_t;
using Hour = std::int32_t;
using Day = std::int32_t;

// Year 10000: later days are nonsense, and arithmetic on earlier ones cannot overflow.
inline constexpr Day kLastDay = 2'932'896;

[[nodiscard]] constexpr Minute MinuteOf(TimePoint time) {
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()).count();
  return minutes < 0 ? 0 : static_cast<Minute>(minutes);
}
[[nodiscard]] constexpr Hour HourOf(TimePoint time) {
  return static_cast<Hour>(std::chrono::floor<std::chrono::hours>(time.time_since_epoch()).count());
}
[[nodiscard]] constexpr Day DayOf(Hour hour) { return (hour >= 0 ? hour : hour - 23) / 24; }
[[nodiscard]] constexpr Day DayOf(TimePoint time) { return DayOf(HourOf(time)); }

[[nodiscard]] constexpr TimePoint TimeOf(Minute minute) {
  return TimePoint(std::chrono::minutes(minute));
}

}  // namespace plimsoll::history
