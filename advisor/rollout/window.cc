// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/window.h"

#include <algorithm>

namespace plimsoll::rollout {
namespace {

using std::chrono::minutes;

constexpr minutes kDay = std::chrono::days(1);
constexpr minutes kWeek = std::chrono::days(7);

// Onward from one to the other: from Sun 23:00 to Mon 01:00 it is 2 h.
minutes Between(WeekTime from, WeekTime to) { return (to - from + kWeek) % kWeek; }

// 09:00 to 16:00 is 7 h, 22:00 to 06:00 is -16 h and so 8 h, 00:00 to 00:00 a day.
minutes Length(const Window& window) {
  const minutes length = window.end - window.start;
  return length > minutes(0) ? length : length + kDay;
}

}  // namespace

bool IsOpen(const Window& window, WeekTime now) {
  for (int day = 0; day < 7; ++day) {
    if (!window.days[static_cast<std::size_t>(day)]) continue;
    if (Between(day * kDay + window.start, now) < Length(window)) return true;
  }
  return false;
}

minutes UntilOpening(const Window& window, WeekTime now) {
  minutes soonest = kWeek;
  for (int day = 0; day < 7; ++day) {
    if (!window.days[static_cast<std::size_t>(day)]) continue;
    soonest = std::min(soonest, Between(now, day * kDay + window.start));
  }
  return soonest;
}

}  // namespace plimsoll::rollout
