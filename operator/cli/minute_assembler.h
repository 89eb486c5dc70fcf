// SPDX-License-Identifier: Apache-2.0
//
// From a container's rows, at whatever interval, to the simulator's minutes. A row holds until the
// next one, but no longer than rows of this container hold (RowSpacing): then nothing is known, and
// nothing is simulated. The first minutes wait until there are intervals to judge by, so
// that an hourly trace is one from its second row on.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "advisor/replay/demand.h"
#include "operator/cli/row_spacing.h"
#include "operator/cli/trace_reader.h"

namespace plimsoll::cli {

struct AssembledMinute {
  std::int64_t number = 0;  // since the Unix epoch
  replay::Minute minute{};  // level 0: no row tells
  bool start = false;
  std::string release{};  // non-empty where it has changed
};

// Stretches without a row that are too long to know what was in them. Not one that ends in a start
// or lies between the rows of a Job: nothing ran there.
struct Gaps {
  std::int64_t count = 0;
  std::int64_t first_line = 0;  // of the row that ends the first
  std::int64_t first_minutes = 0;
  std::int64_t first_hold = 0;  // minutes that a row held then
};

class MinuteAssembler {
 public:
  // Of a longer gap the last so many days are handed out: one of years must not cost a loop of
  // years, and the simulator needs a day of it at most.
  static constexpr std::int64_t kLongestGapDays = 60;

  // Takes a row and hands the minutes that are now complete to `emit`. False: the row is older than
  // the one before.
  template <class Emit>
  [[nodiscard]] bool Add(const TraceRow& row, Emit emit) {
    const std::int64_t number = MinuteOf(row.time);
    if (open_ && row.time < last_time_) return false;
    if (open_ && number != open_->number) CompleteUntil(row, number, emit);
    Merge(row, number);
    return true;
  }
  // What still waits, and the last minute.
  template <class Emit>
  void Finish(Emit emit) {
    Settle(emit);
    if (open_) emit(*open_);
    open_.reset();
  }
  // Of the minutes handed out so far.
  [[nodiscard]] const Gaps& gaps() const { return gaps_; }

 private:
  static constexpr std::int64_t kMinuteMs = 60'000;
  static constexpr std::int64_t kLongestGapMinutes = kLongestGapDays * 1440;

  // A minute with rows, and what ended it.
  struct Stretch {
    AssembledMinute minute;
    std::int64_t until = 0;  // the next minute with a row ...
    std::int64_t line = 0;   // ... where that row stands ...
    bool starts = false;     // ... whether it says that the container starts ...
    bool idle = false;       // ... and that or a Job's, so that none was to be expected before
  };

  static std::int64_t MinuteOf(TimePoint time) {
    return time.time_since_epoch().count() / kMinuteMs;
  }

  template <class Emit>
  void CompleteUntil(const TraceRow& row, std::int64_t number, Emit emit) {
    Stretch stretch{.minute = *std::move(open_),
                    .until = number,
                    .line = row.line,
                    .starts = row.start,
                    .idle = row.start || row.batch};
    open_.reset();
    if (settled_) {
      Play(stretch, emit);
      Learn(stretch);
      return;
    }
    Learn(stretch);
    first_.push_back(std::move(stretch));
    if (first_.size() == RowSpacing::kIntervals) Settle(emit);
  }

  template <class Emit>
  void Settle(Emit emit) {
    for (const Stretch& stretch : first_) Play(stretch, emit);
    first_ = {};
    settled_ = true;
  }

  template <class Emit>
  void Play(const Stretch& stretch, Emit emit) {
    AssembledMinute held = stretch.minute;
    emit(held);
    held.start = false;
    held.release.clear();
    held.minute.peak = held.minute.level;
    const std::int64_t known = held.number + MinutesKnown(stretch);
    for (++held.number; held.number < known; ++held.number) emit(held);
    held.minute = replay::Minute();
    held.number = std::max(known, stretch.until - kLongestGapMinutes);
    for (; held.number < stretch.until; ++held.number) emit(held);
  }

  // For how long the row of the stretch holds: at most all of it. Counts a gap.
  std::int64_t MinutesKnown(const Stretch& stretch);
  void Learn(const Stretch& stretch);
  void Merge(const TraceRow& row, std::int64_t number);

  std::optional<AssembledMinute> open_;
  std::vector<Stretch> first_;  // until there are intervals to judge them by
  bool settled_ = false;
  RowSpacing spacing_;
  Gaps gaps_;
  TimePoint last_time_{};
  std::string release_;
};

}  // namespace plimsoll::cli
