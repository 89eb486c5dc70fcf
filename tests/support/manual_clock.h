// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands until a test moves it. A test moves it on when those it watches sleep: then a
// thread that a busy machine holds back has all the time it needs, and none runs out under it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

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
    {
      const std::lock_guard own(mutex_);
      if (monotonic_ >= deadline) return;
      sleepers_[std::this_thread::get_id()] = {deadline, advances_};
    }
    changed.wait_for(lock, std::chrono::milliseconds(2));
    const std::lock_guard own(mutex_);
    sleepers_.erase(std::this_thread::get_id());
  }

  void Advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    monotonic_ += by;
    ++advances_;
  }

  // Whether the thread waits for a time that has not come, and has looked at the clock since it was
  // last moved: what it had to do by now is done. What another thread hands it wakes it a moment
  // later: a queue's own size says whether something waits.
  [[nodiscard]] bool Asleep(std::thread::id thread) const {
    const std::lock_guard lock(mutex_);
    const auto found = sleepers_.find(thread);
    return found != sleepers_.end() && found->second.since == advances_ &&
           found->second.until > monotonic_;
  }

 private:
  struct Sleep {
    Instant until;
    std::uint64_t since = 0;  // the number of advances when it began
  };

  mutable std::mutex mutex_;
  mutable std::map<std::thread::id, Sleep> sleepers_;
  std::uint64_t advances_ = 0;
  TimePoint now_{std::chrono::hours(24 * 365 * 56)};  // 2026 or so
  Instant monotonic_{std::chrono::hours(1)};
};

}  // namespace plimsoll::testing
