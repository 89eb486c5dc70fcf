// SPDX-License-Identifier: Apache-2.0
//
// The hours of a week as depths below the highest of them, a byte each, so that a quantile is
// found by counting sixteen of them at a time: eight counts, where picking it out of 168 levels
// was most of an answer's cost.
//   levels 300, 299, 280 and an hour unknown -> depths 0, 1, 20 and 255
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace plimsoll::history {

class HourDepths {
 public:
  static constexpr std::size_t kDays = 8;  // that 168 hours in a row touch
  static constexpr std::size_t kHours = kDays * 24;
  static constexpr std::uint8_t kUnknown = 255;
  static constexpr std::uint8_t kDeepest = 254;  // this deep, or deeper

  HourDepths() { depths_.fill(kUnknown); }

  // One day's hours: its `depths` below a level that lies `shift` below the highest of all, or
  // above it where that level was reached by an hour that is not asked for; no known depth is less
  // than that. In bytes throughout: what lacks the room to go deeper ends at kDeepest.
  void Place(std::size_t day, const std::array<std::uint8_t, 24>& depths, int shift) {
    const int least = -int{kDeepest};
    const auto down = static_cast<std::uint8_t>(std::clamp<int>(shift, least, kDeepest));
    const auto room = static_cast<std::uint8_t>(kDeepest - std::clamp<int>(shift, 0, kDeepest));
    for (std::size_t hour = 0; hour < 24; ++hour) {
      const std::uint8_t depth = depths[hour];
      const auto moved = static_cast<std::uint8_t>(std::min(depth, room) + down);
      depths_[day * 24 + hour] = depth == kUnknown ? kUnknown : moved;
    }
  }

  // The least of a day's depths; kUnknown when none is known.
  [[nodiscard]] static std::uint8_t Least(const std::array<std::uint8_t, 24>& depths) {
    std::uint8_t least = kUnknown;
    for (const std::uint8_t depth : depths) least = depth < least ? depth : least;
    return least;
  }

  [[nodiscard]] std::size_t Known() const { return UpTo(kDeepest); }

  // The depth that more than `above` hours reach up to; `above` is less than Known().
  [[nodiscard]] std::uint8_t Below(std::size_t above) const {
    std::uint8_t low = 0;
    std::uint8_t high = kDeepest;
    while (low < high) {
      const auto middle = static_cast<std::uint8_t>((low + high) / 2);
      if (UpTo(middle) > above) {
        high = middle;
      } else {
        low = static_cast<std::uint8_t>(middle + 1);
      }
    }
    return low;
  }

 private:
  // How many are no deeper. 192 fit a byte, which is what lets the compiler count sixteen at once.
  [[nodiscard]] std::size_t UpTo(std::uint8_t depth) const {
    std::uint8_t count = 0;
    for (const std::uint8_t held : depths_) {
      count = static_cast<std::uint8_t>(count + (held <= depth ? 1 : 0));
    }
    return count;
  }

  std::array<std::uint8_t, kHours> depths_;
};

}  // namespace plimsoll::history
