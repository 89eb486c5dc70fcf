// SPDX-License-Identifier: Apache-2.0
//
// Time as a collaborator: back-off, leases and queues wait on a Clock, so tests move time by hand.
// SystemClock is made in mains only.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>

#include "advisor/base/time.h"

namespace plimsoll::kube {

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual TimePoint Now() const = 0;      // wall time: for objects
  [[nodiscard]] virtual Instant Monotonic() const = 0;  // for time-outs, leases, back-off

  // Waits until `changed` is notified or `deadline` comes; may return early. `lock` is held.
  virtual void WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                         Instant deadline) const = 0;

  // False when `stop` ended the sleep.
  [[nodiscard]] bool SleepFor(Duration duration, std::stop_token stop) const;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] TimePoint Now() const override;
  [[nodiscard]] Instant Monotonic() const override;
  void WaitUntil(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                 Instant deadline) const override;
};

}  // namespace plimsoll::kube
