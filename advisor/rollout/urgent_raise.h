// SPDX-License-Identifier: Apache-2.0
//
// Raise before the kill: the answer to one urgent reading. A higher limit and nothing else (it
// needs no node capacity, so no node can defer it), found without a lock or a look-up so that it
// takes microseconds: a program that grows by 320 MiB/s is 160 ms from its kill when it passes 80 %
// of 256 MiB.
//
// It goes to 1.6 times the limit: what is too much is taken back by the advice, and fewer raises
// are fewer patches. Of a container in its first hour nobody knows the need, and nothing would be
// taken back for days: there it follows how fast memory grows, where that has been steady for some
// seconds. After 2 s at that rate it shall be 80 % of the new limit and for 5 s below it (time for
// this raise, one more reading and the next raise), at least 1.48 times what it holds and at
// most 1.6 times the old limit. So what grows slowly to its need ends below 1.5 times that need,
// and what grows fast, or has just begun to, has room at once.
//
// Whatever the hour, the next raise shall not be due within a second: at that rate it shall be 80 %
// of the new limit then. A kubelet answers raises that follow one another faster late (0.1 s else,
// up to a second), and each of them is a chance to be too late.
//
//   limit 256 MiB, hard 210 MiB, rate unknown   -> 256 * 1.6 = 410 MiB
//   first hour, 20 MiB/s and 90 within 5 s      -> (210 + 2 s * 20) / 0.8 = 313 MiB
//   first hour, 5 MiB/s and 25 within 5 s       -> 210 * 1.48 = 311 MiB
//   any hour, 640 MiB/s now                     -> (210 + 1 s * 640) / 0.8 = 1063 MiB
//   any hour, having risen 1.6 GiB within 5 s   -> 210 + 328 * 2 s = 866 MiB
//   node with 100 MiB free                      -> 256 + 80 = 336 MiB
//   hard 240 MiB, risen by 5 MiB within 5 s     -> no raise: 250 in 10 s; a tight limit is near
//                                                  all day
//   hard 230 MiB, yesterday's peak 240 MiB      -> no raise: the limit was made for that
//   hard 205 MiB, peak 240, now 250 MiB/s       -> (205 + 250) / 0.8 = 569 MiB: 305 by the time a
//                                                  later raise is there
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::rollout {

struct UrgentReading {
  TimePoint time{};
  Bytes hard{};
  std::optional<Bytes> limit{};          // as the kernel has it
  std::optional<Bytes> rise{};           // of hard memory within 5 s
  std::optional<BytesPerSecond> rate{};  // of hard memory now; absent: none, or not known
};

struct UrgentBounds {
  std::optional<Bytes> max_allowed{};     // policy and LimitRange
  std::optional<Bytes> node_available{};  // MemAvailable; absent: not known, nothing is raised
  bool leak_suspected = false;
  // The highest demand of today and the two weeks before it (sizing/expected.h), which the limit in
  // force was made for: up to it nothing is on its way to a kill, unless it rises too fast for a
  // later look. Absent: not known.
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

inline constexpr int kUrgentRaisesPerMinute = 12;

[[nodiscard]] UrgentAnswer AnswerUrgent(const UrgentReading& reading, const UrgentBounds& bounds,
                                        const UrgentHistory& history);

[[nodiscard]] UrgentHistory Counted(UrgentHistory history, TimePoint now);

}  // namespace plimsoll::rollout
