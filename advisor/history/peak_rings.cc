// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/peak_rings.h"

#include <algorithm>

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

std::size_t PeakRings::CopyHours(Hour first, Hour last, std::span<std::uint16_t> out) const {
  if (empty() || last < 0) return 0;
  first = std::max(first, std::max(0, head_ - kHourDaysKept + 1) * 24);
  last = std::min(last, head_ * 24 + 23);
  std::size_t count = 0;
  for (Day day = DayOf(first); day <= DayOf(last); ++day) {
    const int top = Coarse(days_[DaySlot(day)]);
    const std::uint8_t* hours = &hours_[HourSlot(day * 24)];
    const int end = std::min(last - day * 24, 23);
    for (int hour = std::max(first - day * 24, 0); hour <= end && count < out.size(); ++hour) {
      out[count] = static_cast<std::uint16_t>(std::max(top - hours[hour], 0));
      count += hours[hour] != kNoHour ? 1 : 0;
    }
  }
  return count;
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
