// SPDX-License-Identifier: Apache-2.0
//
// The machine's two clocks, for those of the agent that act on their own.
#pragma once

#include <chrono>

#include "advisor/base/time.h"

namespace plimsoll::agent {

[[nodiscard]] inline Instant Now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

[[nodiscard]] inline TimePoint WallNow() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace plimsoll::agent
