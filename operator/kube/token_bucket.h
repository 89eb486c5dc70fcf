// SPDX-License-Identifier: Apache-2.0
//
// A rate with a burst: `burst` at once, then `per_second`. Time comes as an argument.
#pragma once

#include <algorithm>
#include <optional>

#include "advisor/base/time.h"

namespace plimsoll::kube {

class TokenBucket {
 public:
  TokenBucket(double per_second, double burst)
      : per_second_(per_second), burst_(burst), tokens_(burst) {}

  // Takes one if there is one.
  [[nodiscard]] bool Take(Instant now) {
    if (last_) {
      const double seconds = std::chrono::duration<double>(now - *last_).count();
      tokens_ = std::min(burst_, tokens_ + std::max(0.0, seconds) * per_second_);
    }
    last_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  std::optional<Instant> last_;
};

}  // namespace plimsoll::kube
