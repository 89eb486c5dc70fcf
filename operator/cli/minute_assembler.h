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
  // Takes a row and hands every minute that is now complete to `emit`. False: the row is older than
  // the one before.
  template <class Emit>
  [[nodiscard]] bool Add(const TraceRow& row, Emit emit) {
    const std::int64_t number = row.time.time_since_epoch().count() / kMinuteMs;
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
  static constexpr std::int64_t kHoldMinutes = 15;

  template <class Emit>
  void CompleteUntil(std::int64_t number, Emit emit) {
    AssembledMinute held = *open_;
    emit(held);
    held.start = false;
    held.release.clear();
    held.minute.peak = held.minute.level;
    const bool gap = number - open_->number > kHoldMinutes;
    if (gap) held.minute = replay::Minute();
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
