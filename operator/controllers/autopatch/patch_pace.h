// SPDX-License-Identifier: Apache-2.0
//
// How many resizes a second the cluster gets from us. A mode label on a big namespace, or a new
// release of the advice, can make thousands of pods due at once; they wait for their turn. What
// answers a kill, or comes before one, has a budget of its own that routine never uses up.
//
//   5 a second: at most 10 routine resizes at once, then 5 a second; 50 urgent ones a second
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "advisor/base/time.h"
#include "operator/kube/token_bucket.h"

namespace plimsoll::autopatch {

inline constexpr double kDefaultPatchesPerSecond = 5;

class PatchPace {
 public:
  // `per_second` above 0: routine resizes, with a burst of twice that; urgent ones ten times that.
  explicit PatchPace(double per_second = kDefaultPatchesPerSecond)
      : per_second_(per_second),
        routine_(per_second, per_second * 2 + 1),
        urgent_(per_second * kUrgentFactor, per_second * kUrgentFactor * 2 + 1) {}

  // Takes a turn if there is one.
  [[nodiscard]] bool Take(bool urgent, Instant now) {
    const std::lock_guard lock(mutex_);
    const bool taken = (urgent ? urgent_ : routine_).Take(now);
    if (!taken) ++(urgent ? urgent_held_back_ : routine_held_back_);
    return taken;
  }

  // When to ask again after a refusal: the time of one turn.
  [[nodiscard]] Duration Turn(bool urgent) const {
    const double rate = urgent ? per_second_ * kUrgentFactor : per_second_;
    return Duration(static_cast<std::int64_t>(1000.0 / rate) + 1);
  }

  // Since start; for metrics.
  [[nodiscard]] std::uint64_t held_back(bool urgent) const {
    return urgent ? urgent_held_back_ : routine_held_back_;
  }

 private:
  static constexpr double kUrgentFactor = 10;

  const double per_second_;
  std::mutex mutex_;
  kube::TokenBucket routine_;
  kube::TokenBucket urgent_;
  std::atomic<std::uint64_t> routine_held_back_{0};
  std::atomic<std::uint64_t> urgent_held_back_{0};
};

}  // namespace plimsoll::autopatch
