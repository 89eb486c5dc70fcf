// SPDX-License-Identifier: Apache-2.0
//
// From a container's rows, at whatever interval, to the simulator's minutes. A row holds until the
// next one; where none came for 15 minutes nothing is known, and nothing is simulated.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "advisor/replay/demand.h"
#include "operator/cli/trace_reader.h"

namespace plimsoll::cli {

struct AssembledMinute {
  std::int64_t number = 0;  // since the Unix epoch
  replay::Minute minute{};  // level 0: no row tells
  bool start = false;
  std::string release{};  // non-empty where it has changed
};

class MinuteAssembler {
 public:
  static constexpr std::int64_t kHoldMinutes = 15;

  // Nothing is known between two rows that far apart.
  [[nodiscard]] static bool IsGap(TimePoint from, TimePoint to) {
    return MinuteOf(to) - MinuteOf(from) > kHoldMinutes;
  }

  // Takes a row and hands every minute that is now complete to `emit`. False: the row is older than
  // the one before.
  template <class Emit>
  [[nodiscard]] bool Add(const TraceRow& row, Emit emit) {
    const std::int64_t number = MinuteOf(row.time);
    if (open_ && row.time < last_time_) return false;
    if (open_ && number != open_->number) CompleteUntil(number, emit);
    Merge(row, number);
    return true;
  }
  // The last minute.
  template <class Emit>
  void Finish(Emit emit) {
    if (open_) emit(*open_);
    open_.reset();
  }

 private:
  static constexpr std::int64_t kMinuteMs = 60'000;

  static std::int64_t MinuteOf(TimePoint time) {
    return time.time_since_epoch().count() / kMinuteMs;
  }

  template <class Emit>
  void CompleteUntil(std::int64_t number, Emit emit) {
    AssembledMinute held = *open_;
    emit(held);
    held.start = false;
    held.release.clear();
    held.minute.peak = held.minute.level;
    if (number - open_->number > kHoldMinutes) held.minute = replay::Minute();
    // A gap of years must not cost a loop of years: the simulator needs a day of it at most.
    const std::int64_t from = std::max(open_->number + 1, number - kLongestGapMinutes);
    for (held.number = from; held.number < number; ++held.number) emit(held);
    open_.reset();
  }
  void Merge(const TraceRow& row, std::int64_t number);

  static constexpr std::int64_t kLongestGapMinutes = 60 * 1440;

  std::optional<AssembledMinute> open_;
  TimePoint last_time_{};
  std::string release_;
};

}  // namespace plimsoll::cli
