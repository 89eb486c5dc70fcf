// SPDX-License-Identifier: Apache-2.0
//
// Raise before the kill: the answer to one urgent reading. A higher limit and nothing else (it
// needs no node capacity, so no node can defer it), found without a lock or a look-up so that it
// takes microseconds: a program that grows by 320 MiB/s is 160 ms from its kill when it passes 80 %
// of 256 MiB.
//
//   limit 256 MiB, hard 210 MiB, rise unknown   -> 256 * 1.6 = 410 MiB
//   the same, having risen 1.6 GiB within 5 s   -> 210 + 328 * 2 s = 866 MiB
//   node with 100 MiB free                      -> 256 + 80 = 336 MiB
//   hard 240 MiB, risen by 5 MiB within 5 s     -> no raise: a tight limit is near all day
//   hard 230 MiB, yesterday's peak 240 MiB      -> no raise: the limit was made for that
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::rollout {

struct UrgentReading {
  TimePoint time{};
  Bytes hard{};
  std::optional<Bytes> limit{};  // as the kernel has it
  std::optional<Bytes> rise{};   // of hard memory within 5 s
};

struct UrgentBounds {
  std::optional<Bytes> max_allowed{};     // policy and LimitRange
  std::optional<Bytes> node_available{};  // MemAvailable; absent: not known, nothing is raised
  bool leak_suspected = false;
  // The highest demand of today and the two weeks before it (sizing/expected.h), which the limit in
  // force was made for: up to it nothing is on its way to a kill. Absent: not known.
  std::optional<Bytes> expected{};
  Duration reaction{2000};  // how far ahead a rise is answered
};

// Raises of one container so far; bounds how fast it may be fed.
struct UrgentHistory {
  TimePoint window_start{};
  int raises = 0;
};

struct UrgentAnswer {
  std::optional<Bytes> limit{};  // absent: no raise
  recommend::Reason reason{};
};

inline constexpr int kUrgentRaisesPerMinute = 8;

[[nodiscard]] UrgentAnswer AnswerUrgent(const UrgentReading& reading, const UrgentBounds& bounds,
                                        const UrgentHistory& history);

[[nodiscard]] UrgentHistory Counted(UrgentHistory history, TimePoint now);

}  // namespace plimsoll::rollout
