// SPDX-License-Identifier: Apache-2.0
//
// Hours of the week, as a clock on the wall shows them. In which time zone it hangs is not known
// here.
//
//   Mon-Thu 09:00 to 16:00, at Thu 15:59  -> open
//   the same, at Thu 16:00                -> opens in 89 h, Mon 09:00
//   Fri 22:00 to 06:00, at Sat 05:00      -> open
#pragma once

#include <bitset>
#include <chrono>

namespace plimsoll::rollout {

// Since Monday 00:00; less than a week.
using WeekTime = std::chrono::minutes;

struct Window {
  std::bitset<7> days = std::bitset<7>().set();  // on which it opens, Monday first; at least one
  std::chrono::minutes start{};                  // of the day
  std::chrono::minutes end{};                    // of the next day where it is not after start

  friend bool operator==(const Window&, const Window&) = default;
};

[[nodiscard]] bool IsOpen(const Window& window, WeekTime now);

// Until it opens next.
[[nodiscard]] std::chrono::minutes UntilOpening(const Window& window, WeekTime now);

}  // namespace plimsoll::rollout
