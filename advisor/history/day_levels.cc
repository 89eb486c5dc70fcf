// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/day_levels.h"

#include <algorithm>
#include <chrono>

namespace plimsoll::history {
namespace {

constexpr Minute kMinutesPerSlot = 10;
constexpr Minute kMinutesPerDay = 24 * 60;
constexpr Duration kUnit = std::chrono::seconds(15);
constexpr std::uint16_t kEnough = 12 * 60 * 4;  // half a day of readings

}  // namespace

LogCode DayLevels::Today() const { return seen_ >= kEnough ? peaks_.back() : kNoData; }

void DayLevels::MoveTo(Day day) {
  if (today_ >= 0) days_[Slot(today_)] = Today();
  for (Day fresh = std::max(today_ + 1, day - kDays); fresh < day; ++fresh) {
    if (fresh >= 0) days_[Slot(fresh)] = kNoData;
  }
  today_ = day;
  seen_ = 0;
  slots_ = {};
  peaks_ = {};
}

void DayLevels::Raise(std::uint8_t slot, LogCode peak) {
  if (peak <= peaks_.back()) return;
  std::size_t place = 0;
  while (place + 1 < kKept && (peaks_[place] == kNoData || slots_[place] != slot)) ++place;
  if (peaks_[place] >= peak) return;  // the slot is kept, with a higher peak
  // Upwards past all that are lower; equals stay in the order of their slots.
  for (; place > 0; --place) {
    const bool before =
        peaks_[place - 1] > peak || (peaks_[place - 1] == peak && slots_[place - 1] < slot);
    if (before) break;
    peaks_[place] = peaks_[place - 1];
    slots_[place] = slots_[place - 1];
  }
  peaks_[place] = peak;
  slots_[place] = slot;
}

void DayLevels::Observe(Minute minute, LogCode peak, Duration window) {
  if (minute == 0 || peak == kNoData) return;
  const Minute within = minute - 1;  // a window that ends at midnight is of the day before
  const auto day = static_cast<Day>(within / kMinutesPerDay);
  if (day < today_ || day > kLastDay) return;
  if (day > today_) MoveTo(day);
  const auto units = std::clamp<std::int64_t>(window / kUnit, 0, 0xFFFF - seen_);
  seen_ = static_cast<std::uint16_t>(seen_ + units);
  Raise(static_cast<std::uint8_t>(within % kMinutesPerDay / kMinutesPerSlot), peak);
}

void DayLevels::Merge(const DayLevels& other) {
  if (other.today_ < 0) return;
  if (today_ < other.today_) MoveTo(other.today_);
  DayLevels moved = other;
  if (moved.today_ < today_) moved.MoveTo(today_);
  for (std::size_t i = 0; i < days_.size(); ++i) days_[i] = std::max(days_[i], moved.days_[i]);
  seen_ = static_cast<std::uint16_t>(std::min(0xFFFF, seen_ + moved.seen_));
  for (std::size_t i = 0; i < kKept; ++i) Raise(moved.slots_[i], moved.peaks_[i]);
}

LogCode DayLevels::SecondHighest(Day today) const {
  LogCode highest = kNoData;
  LogCode second = kNoData;
  for (Day day = std::max(0, today - kDays); day <= today; ++day) {
    LogCode level = kNoData;
    if (day == today_) level = Today();
    if (day < today_ && day >= today_ - kDays) level = days_[Slot(day)];
    second = std::max(second, std::min(level, highest));
    highest = std::max(highest, level);
  }
  return second == kNoData ? highest : second;
}

}  // namespace plimsoll::history
