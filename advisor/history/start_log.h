// SPDX-License-Identifier: Apache-2.0
//
// The last 8 starts of the container, whichever pod it was in: how high demand went in the first
// ten minutes, and in the whole run (what a Job is sized by). Starts within the same ten minutes
// are one: a rollout of a hundred pods must not push out all others. Restarts after a kill tell
// nothing of a healthy start and are marked so (sizing.md §G.4, lesson 1).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "advisor/base/time.h"
#include "advisor/history/log_code.h"
#include "advisor/history/oom_log.h"
#include "advisor/history/slots.h"

namespace plimsoll::history {

inline constexpr std::chrono::minutes kStartPhase{10};
// A start this soon after a kill at the limit is its restart: back-off grows to five minutes.
inline constexpr Minute kRestartWindow = 15;

struct StartRecord {
  static constexpr LogCode kAfterKill = 0xFFFF;

  std::uint32_t slot = 0;        // start time in tens of minutes
  LogCode start_peak = kNoData;  // of the first ten minutes; kNoData: not seen; or kAfterKill
  LogCode run_peak = kNoData;
  [[nodiscard]] Minute FirstMinute() const { return slot * 10; }
  [[nodiscard]] bool Clean() const { return start_peak != kNoData && start_peak != kAfterKill; }
  friend bool operator==(const StartRecord&, const StartRecord&) = default;
};

class StartLog {
 public:
  static constexpr std::size_t kStarts = 8;
  static constexpr std::size_t kCounted = 3;

  // `refuted`: the kills known so far, which may have caused this start. True when the start is
  // among those kept and was no restart after a kill.
  bool Observe(TimePoint start, bool in_start_phase, LogCode peak,
               std::span<const LimitRefuted> refuted);
  void MarkKill(Minute kill);
  void Merge(const StartLog& other);

  // Three starts within three days: what starting takes is then what running takes.
  [[nodiscard]] bool Often(Minute now) const;
  // The newest healthy starts, by which starting is sized; newest first, then slot 0.
  [[nodiscard]] std::array<StartRecord, kCounted> Counted() const;
  // All three are there, and came within three days.
  [[nodiscard]] bool CountedWithinDays(Minute now) const;
  // Whether this one, which counted, has given way to newer ones. Not when a kill was found to have
  // caused it: it tells nothing then.
  [[nodiscard]] bool Passed(const StartRecord& start) const;

  // Newest first; slot 0: unused.
  [[nodiscard]] const std::array<StartRecord, kStarts>& starts() const { return starts_; }

  template <class Archive>
  void Visit(Archive& archive) {
    for (StartRecord& start : starts_) {
      archive(start.slot);
      archive(start.start_peak);
      archive(start.run_peak);
    }
  }
  friend bool operator==(const StartLog&, const StartLog&) = default;

 private:
  StartRecord* Place(std::uint32_t slot);

  std::array<StartRecord, kStarts> starts_{};
};

}  // namespace plimsoll::history
