// SPDX-License-Identifier: Apache-2.0
//
// The level that a day reached for an hour or more, however short and frequent its spikes: the
// seventh highest of its ten-minute peaks, so that six of them (an hour, 4 % of the day) are passed
// over. Held for today and the seven days before it, in 41 bytes. Order within a day does not
// matter: of each ten minutes the highest counts, and the seven highest are kept.
//   100 all day, 180 for ten seconds in each of five hours -> 100;  180 for two hours -> 180
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "advisor/base/time.h"
#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::history {

class DayLevels {
 public:
  static constexpr std::size_t kKept = 7;
  static constexpr int kDays = 7;

  // `window`: of the reading, which tells how much of the day was seen.
  void Observe(Minute minute, LogCode peak, Duration window);
  void Merge(const DayLevels& other);

  // The second highest of today's and the seven days' before it, so that one odd day is passed
  // over, too; the only one's where there is one; kNoData where no day was seen for twelve hours.
  [[nodiscard]] LogCode SecondHighest(Day today) const;

  template <class Archive>
  void Visit(Archive& archive) {
    archive(today_);
    archive(seen_);
    archive(slots_);
    archive(peaks_);
    archive(days_);
  }
  [[nodiscard]] bool Valid() const { return today_ >= -1 && today_ <= kLastDay; }
  friend bool operator==(const DayLevels&, const DayLevels&) = default;

 private:
  void MoveTo(Day day);
  void Raise(std::uint8_t slot, LogCode peak);
  [[nodiscard]] LogCode Today() const;
  [[nodiscard]] static std::size_t Slot(Day day) { return static_cast<std::size_t>(day) % kDays; }

  Day today_ = -1;
  std::uint16_t seen_ = 0;  // of today, in quarters of a minute, over all pods
  std::array<std::uint8_t, kKept> slots_{};
  std::array<LogCode, kKept> peaks_{};  // descending; kNoData: unused
  std::array<LogCode, kDays> days_{};
};

}  // namespace plimsoll::history
