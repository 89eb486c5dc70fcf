// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands until a test moves it.
#pragma once

#include <condition_variable>
#include <mutex>

#include "operator/kube/clock.h"

namespace plimsoll::testing {

class ManualClock final : public kube::Clock {
 public:
  [[nodiscard]] TimePoint Now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  [[nodiscard]] Instant Monotonic() const override {
    const std::lock_guard lock(mutex_);
    return monotonic_;
  }
  // Looks at the clock again every few milliseconds of real time: who waits need not be told.
  void WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                 Instant deadline) const override {
    if (Monotonic() < deadline) changed.wait_for(lock, std::chrono::milliseconds(2));
  }

  void Advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    monotonic_ += by;
  }

 private:
  mutable std::mutex mutex_;
  TimePoint now_{std::chrono::hours(24 * 365 * 56)};  // 2026 or so
  Instant monotonic_{std::chrono::hours(1)};
};

}  // namespace plimsoll::testing
