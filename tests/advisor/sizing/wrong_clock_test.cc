// SPDX-License-Identifier: Apache-2.0
//
// What a clock that is, or was, ahead must not take from a history; and the turn of a day.
#include <doctest/doctest.h>

#include "advisor/history/log_code.h"
#include "advisor/recommend/recommend.h"
#include "advisor/sizing/startup.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::recommend {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

TimePoint Day(int day) { return kMonday + day * 24h; }

Numbers Guarded(const history::ContainerHistory& history, TimePoint now) {
  return RecommendNumbers(history, {.now = now, .guard = {.active = true}});
}

TEST_CASE("Wrong clock: starts stamped a year ahead take no day from the history") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  for (const auto later : {0min, 10min, 20min, 30min}) {
    const TimePoint at = Day(10) + later;
    history.Observe("pod-1", Digest({.at = at, .hard = 100_MiB, .started = at + 365 * 24h}));
  }
  const auto next = Digest({.at = Day(10) + 2h, .hard = 150_MiB});
  CHECK(history.Observe("pod-1", next) == history::Intake::kTaken);
  CHECK(*Guarded(history, Day(10) + 2h).limit >= 150_MiB);
}

TEST_CASE("Wrong clock: a start of a month ahead does not go on today") {
  history::StartLog starts;
  const TimePoint ahead = Day(40);
  starts.Observe(ahead, true, history::EncodeUp(2_GiB), {});
  const auto going_on = [&](TimePoint now) {
    return sizing::RunningStartPeak(starts, history::MinuteOf(now));
  };
  CHECK(going_on(Day(10)) == history::kNoData);
  CHECK(going_on(ahead - 4min) == history::EncodeUp(2_GiB));  // two clocks are never the same
  CHECK(going_on(ahead + 9min) == history::EncodeUp(2_GiB));
  CHECK(going_on(ahead + 21min) == history::kNoData);
}

TEST_CASE("Day's turn: a start held apart from the days closes the day before once at most") {
  history::ContainerHistory history;
  ReadDays(history, 0, 17, 100_MiB);
  ReadDays(history, 17, 3, 300_MiB);
  const int before = history.drift().days_diverged;
  const TimePoint start = Day(20) - 2min;
  for (int step = 1; step <= 20; ++step) {
    history.Observe("pod-1",
                    Digest({.at = Day(20) + step * 15s, .hard = 20_MiB, .started = start}));
  }
  CHECK(history.drift().days_diverged == before);
  Read(history, Day(20) + 1h, 300_MiB);
  CHECK(history.drift().days_diverged == before + 1);
}

TEST_CASE("Starts: one that healthy ones of weeks pass has expired, kills in between or not") {
  history::ContainerHistory history;
  ReadDays(history, 0, 30, 100_MiB);
  const auto start = [&](TimePoint at, Bytes peak) {
    history.Observe("pod-1", Digest({.at = at + 5min, .hard = peak, .started = at}));
  };
  start(Day(10) + 1h, 2_GiB);
  for (const int day : {18, 26}) start(Day(day) + 1h, 100_MiB);
  for (const auto later : {1h, 2h}) {
    const TimePoint at = Day(30) + later;
    history.Observe(Kill(at - 1min, 90_MiB, std::to_string(later.count())));
    start(at, 80_MiB);
  }
  start(Day(30) + 5h, 100_MiB);
  const history::Day tenth = history::HourOf(Day(10)) / 24;
  CHECK(history::Decode(history.peaks().DayPeak(tenth)) < (200_MiB).AsDouble());
}

}  // namespace
}  // namespace plimsoll::recommend
