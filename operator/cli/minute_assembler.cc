// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/minute_assembler.h"

#include <algorithm>

namespace plimsoll::cli {

std::int64_t MinuteAssembler::MinutesKnown(const Stretch& stretch) {
  const std::int64_t minutes = stretch.until - stretch.minute.number;
  const std::int64_t hold = spacing_.HoldMinutes();
  if (minutes <= hold) return minutes;
  // It had ended by the time at which another row was due.
  if (stretch.idle) return std::min(spacing_.UsualMinutes(), hold);
  if (gaps_.count++ == 0) {
    gaps_.first_line = stretch.line;
    gaps_.first_minutes = minutes;
    gaps_.first_hold = hold;
  }
  return hold;
}

// How long a container was away says nothing about how often it is read.
void MinuteAssembler::Learn(const Stretch& stretch) {
  if (!stretch.starts) spacing_.Add(stretch.until - stretch.minute.number);
}

void MinuteAssembler::Merge(const TraceRow& row, std::int64_t number) {
  last_time_ = row.time;
  if (!open_) open_ = AssembledMinute{.number = number};
  // Swapped-out memory is demand too: it would be in memory were there room.
  const double demand = row.hard + row.swap.value_or(0);
  replay::Minute& minute = open_->minute;
  minute.level = static_cast<float>(std::max(demand, 1.0));
  const double peak = std::max(row.hard, row.peak.value_or(0)) + row.swap.value_or(0);
  minute.peak = static_cast<float>(std::max({peak, 1.0 * minute.peak, 1.0}));
  minute.cache = static_cast<float>(row.soft.value_or(0));
  open_->start = open_->start || row.start;
  if (!row.release.empty() && row.release != release_) {
    release_ = row.release;
    open_->release = row.release;
  }
}

}  // namespace plimsoll::cli
