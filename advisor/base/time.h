// SPDX-License-Identifier: Apache-2.0
//
// Two clocks, two types. TimePoint is wall time: what objects and checkpoints carry. Instant is
// monotonic: what timeouts, back-off and leases are measured by. advisor never reads either; time
// reaches it as an argument.
#pragma once

#include <chrono>

namespace plimsoll {

using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::time_point<std::chrono::system_clock, Duration>;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

}  // namespace plimsoll
