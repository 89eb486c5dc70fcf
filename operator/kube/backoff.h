// SPDX-License-Identifier: Apache-2.0
//
// Growing, jittered pauses between tries: 0.8 s, 1.6 s, … 30 s, each lengthened by up to its own
// length so that a thousand clients do not come back in step. Starts anew after two quiet minutes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "advisor/base/time.h"

namespace plimsoll::kube {

class Backoff {
 public:
  // seed 0: from the system's entropy.
  Backoff(Duration initial, Duration max, std::uint64_t seed)
      : initial_(initial),
        max_(max),
        next_(initial),
        random_(seed != 0 ? seed : std::random_device()()) {}

  // The pause after a failure at `now`.
  [[nodiscard]] Duration Next(Instant now) {
    constexpr Duration kQuiet = std::chrono::minutes(2);
    if (last_ && now - *last_ > kQuiet) next_ = initial_;
    const Duration pause = std::min(Jitter(next_), max_);
    next_ = std::min(next_ * 2, max_);
    last_ = now + pause;
    return pause;
  }
  // Between one and two times `base`.
  [[nodiscard]] Duration Jitter(Duration base) {
    std::uniform_int_distribution<std::int64_t> extra(0, base.count());
    return base + Duration(extra(random_));
  }

 private:
  const Duration initial_;
  const Duration max_;
  Duration next_;
  std::optional<Instant> last_;
  std::mt19937_64 random_;
};

}  // namespace plimsoll::kube
