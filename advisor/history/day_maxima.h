// SPDX-License-Identifier: Apache-2.0
//
// The largest value of each of the last N days, two bytes a day.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::history {

template <std::size_t N>
class DayMaxima {
 public:
  void Observe(Day day, LogCode value) {
    if (day < 0 || value == kNoData) return;
    if (day > head_) MoveTo(day);
    if (day <= head_ - static_cast<Day>(N)) return;
    LogCode& held = values_[Slot(day)];
    held = std::max(held, value);
  }

  void Merge(const DayMaxima& other) {
    for (Day day = std::max(0, other.head_ - static_cast<Day>(N) + 1); day <= other.head_; ++day) {
      Observe(day, other.values_[Slot(day)]);
    }
  }

  // Largest of the `days` days up to and including `today`; kNoData when there is none.
  [[nodiscard]] LogCode Largest(Day today, int days) const {
    LogCode largest = kNoData;
    const Day oldest = std::max({0, today - days + 1, head_ - static_cast<Day>(N) + 1});
    for (Day day = oldest; day <= std::min(today, head_); ++day) {
      largest = std::max(largest, values_[Slot(day)]);
    }
    return largest;
  }

  template <class Archive>
  void Visit(Archive& archive) {
    archive(head_);
    archive(values_);
  }
  [[nodiscard]] bool Valid() const { return head_ >= -1 && head_ <= kLastDay; }
  friend bool operator==(const DayMaxima&, const DayMaxima&) = default;

 private:
  [[nodiscard]] static std::size_t Slot(Day day) { return static_cast<std::size_t>(day) % N; }
  void MoveTo(Day day) {
    for (Day fresh = std::max({head_ + 1, day - static_cast<Day>(N) + 1, 0}); fresh <= day;
         ++fresh) {
      values_[Slot(fresh)] = kNoData;
    }
    head_ = day;
  }

  Day head_ = -1;
  std::array<LogCode, N> values_{};
};

}  // namespace plimsoll::history
