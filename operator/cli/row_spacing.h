// SPDX-License-Identifier: Apache-2.0
//
// How far apart a container's rows are, and so how long one of them holds: traces come every 15
// seconds, every five minutes or every hour, and what is a gap in one is usual in another.
//   spacing = median of the last five intervals; hold = 3 * spacing, from 15 minutes to 3 days
//   5, 5, 60, 5, 5 minutes -> spacing 5, hold 15: the hour was a gap
//   60, 60, 60, 240, 60    -> spacing 60, hold 180
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace plimsoll::cli {

class RowSpacing {
 public:
  static constexpr std::size_t kIntervals = 5;
  static constexpr std::int64_t kLeastHoldMinutes = 15;
  // Of daily rows; rarer ones do not tell what a day was like.
  static constexpr std::int64_t kMostHoldMinutes = 3 * 1440;

  void Add(std::int64_t minutes) { intervals_[added_++ % kIntervals] = minutes; }

  // The median; 1 without an interval.
  [[nodiscard]] std::int64_t UsualMinutes() const {
    if (added_ == 0) return 1;
    auto sorted = intervals_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(added_, kIntervals));
    std::sort(sorted.begin(), end);
    // Of an even number the lower of both: a doubtful stretch is a gap, and told.
    return sorted[(std::min(added_, kIntervals) - 1) / 2];
  }
  // Without an interval: the least.
  [[nodiscard]] std::int64_t HoldMinutes() const {
    return std::clamp(std::min(UsualMinutes(), kMostHoldMinutes) * 3, kLeastHoldMinutes,
                      kMostHoldMinutes);
  }

 private:
  std::array<std::int64_t, kIntervals> intervals_{};
  std::size_t added_ = 0;
};

}  // namespace plimsoll::cli
