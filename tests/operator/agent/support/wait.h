// SPDX-License-Identifier: Apache-2.0
//
// Waits for something that another thread brings about; the bound only ends a test that has failed.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace plimsoll::agent::testing {

[[nodiscard]] inline bool Eventually(const std::function<bool()>& condition,
                                     std::chrono::seconds bound = std::chrono::seconds(60)) {
  const auto end = std::chrono::steady_clock::now() + bound;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

}  // namespace plimsoll::agent::testing
