// SPDX-License-Identifier: Apache-2.0
//
// The highest demand of each of the last 60 days and of each hour of the last 28 days, in 792
// bytes.
//
// A day's peak is a LogCode (within 0.068 %). An hour's is one byte: how many 1/64 octaves it lies
// below its day's peak, rounded up, so within 1.1 %; hours below 1/16 of their day's peak are held
// as 1/16 of it (254 steps). Everything merges by maximum, so order does not matter.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "advisor/base/units.h"
#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::history {

inline constexpr int kDaysKept = 60;
inline constexpr int kHourDaysKept = 28;
inline constexpr int kHoursKept = kHourDaysKept * 24;
inline constexpr Hour kHoursInWeek = 7 * 24;

class PeakRings {
 public:
  PeakRings();

  // False when `hour` is older than the rings; a newer one moves them on, forgetting the oldest.
  bool Observe(Hour hour, Bytes peak) { return Observe(hour, EncodeUp(peak)); }
  bool Observe(Hour hour, LogCode peak);
  void Merge(const PeakRings& other);

  [[nodiscard]] bool empty() const { return head_ == kNever; }
  // The newest day with data; meaningless while empty().
  [[nodiscard]] Day head() const { return head_; }

  // kNoData outside the ring, too.
  [[nodiscard]] LogCode DayPeak(Day day) const {
    return InRing(day, kDaysKept) ? days_[DaySlot(day)] : kNoData;
  }
  // The peaks of `today` and the days before it, by age, read in one go.
  [[nodiscard]] std::array<LogCode, kDaysKept> DaysByAge(Day today) const;
  [[nodiscard]] LogCode HourPeak(Hour hour) const {
    const Day day = DayOf(hour);
    if (!InRing(day, kHourDaysKept)) return kNoData;
    const std::uint8_t below = hours_[HourSlot(hour)];
    return below == kNoHour ? kNoData : HourCode(days_[DaySlot(day)], below);
  }

  // The level that `percent` of the known hours of [first, last] do not exceed (nearest rank), the
  // span being a week at most; kNoData without any. Read a day at a time: 168 hours one by one
  // would be most of an answer's cost.
  [[nodiscard]] LogCode HourQuantile(Hour first, Hour last, std::size_t percent) const;

  template <class Archive>
  void Visit(Archive& archive) {
    archive(head_);
    archive(days_);
    archive(hours_);
  }
  [[nodiscard]] bool Valid() const { return head_ >= kNever && head_ <= kLastDay; }
  friend bool operator==(const PeakRings&, const PeakRings&) = default;

 private:
  static constexpr Day kNever = -1;
  static constexpr std::uint8_t kNoHour = 255;
  static constexpr std::uint8_t kDeepest = 254;

  [[nodiscard]] bool InRing(Day day, int kept) const {
    return head_ != kNever && day <= head_ && day > head_ - kept && day >= 0;
  }
  [[nodiscard]] static std::size_t DaySlot(Day day) {
    return static_cast<std::size_t>(day % kDaysKept);
  }
  [[nodiscard]] static std::size_t HourSlot(Hour hour) {
    return static_cast<std::size_t>(hour % kHoursKept);
  }
  // In 1/64 octaves, rounded up.
  [[nodiscard]] static int Coarse(LogCode code) { return (code - 1 + 15) / 16; }
  [[nodiscard]] static LogCode HourCode(LogCode day_peak, std::uint8_t below) {
    const int steps = Coarse(day_peak) - below;
    return static_cast<LogCode>(steps <= 0 ? 1 : steps * 16 + 1);
  }
  [[nodiscard]] std::array<std::uint8_t, 24> HoursOf(Day day, Hour first, Hour last) const;
  [[nodiscard]] LogCode DeepQuantile(Hour first, Hour last, std::size_t above) const;
  void MoveTo(Day day);
  void RaiseDay(Day day, LogCode peak);

  Day head_ = kNever;
  std::array<LogCode, kDaysKept> days_{};
  std::array<std::uint8_t, kHoursKept> hours_;
};

}  // namespace plimsoll::history
