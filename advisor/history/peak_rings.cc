// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/peak_rings.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "advisor/history/hour_depths.h"

namespace plimsoll::history {
PeakRings::PeakRings() { hours_.fill(kNoHour); }

void PeakRings::MoveTo(Day day) {
  const Day first = head_ == kNever ? day : std::max({head_ + 1, day - kDaysKept + 1, 0});
  for (Day fresh = first; fresh <= day; ++fresh) {
    days_[DaySlot(fresh)] = kNoData;
    if (fresh <= day - kHourDaysKept) continue;
    const auto slot = static_cast<std::ptrdiff_t>(HourSlot(fresh * 24));
    std::fill_n(hours_.begin() + slot, 24, kNoHour);
  }
  head_ = day;
}

// The hours are stored relative to their day's peak: a new peak deepens them all by the same steps.
void PeakRings::RaiseDay(Day day, LogCode peak) {
  LogCode& held = days_[DaySlot(day)];
  if (peak <= held) return;
  const int deeper = held == kNoData ? 0 : Coarse(peak) - Coarse(held);
  held = peak;
  if (deeper == 0 || !InRing(day, kHourDaysKept)) return;
  const std::size_t first = HourSlot(day * 24);
  for (std::size_t slot = first; slot < first + 24; ++slot) {
    if (hours_[slot] == kNoHour) continue;
    hours_[slot] = static_cast<std::uint8_t>(std::min<int>(hours_[slot] + deeper, kDeepest));
  }
}

bool PeakRings::Observe(Hour hour, LogCode peak) {
  const Day day = DayOf(hour);
  if (peak == kNoData || day < 0) return false;
  if (head_ == kNever || day > head_) MoveTo(day);
  if (!InRing(day, kDaysKept)) return false;
  RaiseDay(day, peak);
  if (!InRing(day, kHourDaysKept)) return true;
  const int below = std::min<int>(Coarse(days_[DaySlot(day)]) - Coarse(peak), kDeepest);
  std::uint8_t& slot = hours_[HourSlot(hour)];
  slot = std::min(slot, static_cast<std::uint8_t>(below));
  return true;
}

std::array<LogCode, kDaysKept> PeakRings::DaysByAge(Day today) const {
  std::array<LogCode, kDaysKept> by_age{};
  const Day newest = std::min(today, head_);
  const Day oldest = std::max({today - kDaysKept + 1, head_ - kDaysKept + 1, 0});
  if (newest < oldest) return by_age;
  // Newest first, down to the ring's first slot, and on from its last.
  const auto count = static_cast<std::size_t>(newest - oldest) + 1;
  const std::size_t before_turn = std::min(count, DaySlot(newest) + 1);
  const auto turn =
      std::make_reverse_iterator(days_.begin() + static_cast<std::ptrdiff_t>(DaySlot(newest)) + 1);
  const auto at = std::copy_n(turn, before_turn, by_age.begin() + (today - newest));
  std::copy_n(days_.rbegin(), count - before_turn, at);
  return by_age;
}

std::array<std::uint8_t, 24> PeakRings::HoursOf(Day day, Hour first, Hour last) const {
  std::array<std::uint8_t, 24> hours;
  std::copy_n(hours_.begin() + static_cast<std::ptrdiff_t>(HourSlot(day * 24)), 24, hours.begin());
  const int before = std::clamp(first - day * 24, 0, 24);
  const int after = std::clamp(last + 1 - day * 24, 0, 24);
  std::fill_n(hours.begin(), before, kNoHour);
  std::fill(hours.begin() + after, hours.end(), kNoHour);
  return hours;
}

LogCode PeakRings::HourQuantile(Hour first, Hour last, std::size_t percent) const {
  if (empty() || last < 0) return kNoData;
  first = std::max(first, std::max(0, head_ - kHourDaysKept + 1) * 24);
  last = std::min(last, head_ * 24 + 23);
  if (last < first || last - first >= kHoursInWeek) return kNoData;
  const Day start = DayOf(first);
  const auto days = static_cast<std::size_t>(DayOf(last) - start) + 1;
  std::array<std::array<std::uint8_t, 24>, HourDepths::kDays> hours;
  std::array<int, HourDepths::kDays> tops{};
  int highest = 0;
  for (std::size_t i = 0; i < days; ++i) {
    const Day day = start + static_cast<Day>(i);
    hours[i] = HoursOf(day, first, last);
    tops[i] = Coarse(days_[DaySlot(day)]);
    highest = std::max(highest, tops[i] - HourDepths::Least(hours[i]));
  }
  HourDepths depths;
  for (std::size_t i = 0; i < days; ++i) depths.Place(i, hours[i], highest - tops[i]);
  const std::size_t known = depths.Known();
  if (known == 0) return kNoData;
  const std::size_t above = known - (known * percent + 99) / 100;
  const int depth = depths.Below(above);
  if (depth == HourDepths::kDeepest) return DeepQuantile(first, last, above);
  return HourCode(static_cast<LogCode>(highest * 16 + 1), static_cast<std::uint8_t>(depth));
}

// Where most hours are too far below the highest to be told apart by their depths.
LogCode PeakRings::DeepQuantile(Hour first, Hour last, std::size_t above) const {
  std::vector<LogCode> levels;
  for (Hour hour = first; hour <= last; ++hour) {
    if (const LogCode peak = HourPeak(hour); peak != kNoData) levels.push_back(peak);
  }
  const auto nth = levels.begin() + static_cast<std::ptrdiff_t>(above);
  std::nth_element(levels.begin(), nth, levels.end(), std::greater<>());
  return *nth;
}

void PeakRings::Merge(const PeakRings& other) {
  if (other.empty()) return;
  if (empty() || other.head_ > head_) MoveTo(other.head_);
  for (Day day = other.head_ - kDaysKept + 1; day <= other.head_; ++day) {
    const LogCode peak = other.DayPeak(day);
    if (peak == kNoData || !InRing(day, kDaysKept)) continue;
    RaiseDay(day, peak);
    for (Hour hour = day * 24; hour < day * 24 + 24; ++hour) {
      const LogCode hour_peak = other.HourPeak(hour);
      // Coarse codes of hours can lie one step above the day's finer one.
      if (hour_peak != kNoData) Observe(hour, std::min(hour_peak, days_[DaySlot(day)]));
    }
  }
}

}  // namespace plimsoll::history
