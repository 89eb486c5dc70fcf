// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/clock.h"

namespace plimsoll::kube {

bool Clock::SleepFor(Duration duration, std::stop_token stop) const {
  std::mutex mutex;
  std::condition_variable changed;
  const std::stop_callback wake(stop, [&] {
    const std::lock_guard lock(mutex);
    changed.notify_all();
  });
  const Instant deadline = Monotonic() + duration;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested() && Monotonic() < deadline) WaitUntil(lock, changed, deadline);
  return !stop.stop_requested();
}

TimePoint SystemClock::Now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Instant SystemClock::Monotonic() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::steady_clock::now());
}

void SystemClock::WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                            Instant deadline) const {
  changed.wait_until(lock, deadline);
}

}  // namespace plimsoll::kube
