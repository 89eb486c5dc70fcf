// SPDX-License-Identifier: Apache-2.0
//
// What happens to a container, and what it is given: one situation each, after the corpus of
// scenarios.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <set>
#include <string>
#include <utility>

#include "advisor/recommend/recommend.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::recommend {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

TimePoint Day(int day) { return kMonday + day * 24h; }

Numbers Ask(const history::ContainerHistory& history, TimePoint now, bool guarded = false) {
  return RecommendNumbers(history, {.now = now, .guard = {.active = guarded}});
}

void Hour(history::ContainerHistory& history, int hour, model::MemoryDigest digest) {
  digest.window_end = kMonday + std::chrono::hours(hour) + 30min;
  digest.window_start = digest.window_end - 15s;
  history.Observe("pod-1", digest);
}

TEST_CASE("Regimes: a weekly spike is held from the first time it was seen") {
  history::ContainerHistory history;
  for (int day = 0; day < 28; ++day) {
    ReadDays(history, day, 1, 100_MiB);
    if (day % 7 == 3) Read(history, Day(day) + 12h, 220_MiB);
  }
  const Numbers advice = Ask(history, Day(28));
  CHECK(advice.limit >= 220_MiB);
  CHECK(advice.reasons.Has(ReasonCode::kHeldPeak));
  CHECK(advice.request <= 120_MiB);
}

TEST_CASE("Regimes: weekends do not make Monday look like drift") {
  history::ContainerHistory history;
  for (int day = 0; day < 35; ++day) ReadDays(history, day, 1, day % 7 >= 5 ? 100_MiB : 400_MiB);
  for (int day = 28; day <= 35; ++day) CHECK(Ask(history, Day(day)).limit >= 400_MiB);
}

TEST_CASE("Regimes: a level that falls with a release is followed within four days") {
  history::ContainerHistory history;
  history.ObserveRelease(Day(0), "v1");
  ReadDays(history, 0, 14, 800_MiB);
  history.ObserveRelease(Day(14), "v2");
  ReadDays(history, 14, 4, 400_MiB);
  Read(history, Day(18) + 1h, 400_MiB);
  const Numbers advice = Ask(history, Day(18) + 1h);
  CHECK(advice.limit >= 400_MiB);
  CHECK(advice.limit <= 480_MiB);
  CHECK(advice.request <= 420_MiB);
  CHECK(advice.reasons.Has(ReasonCode::kReleaseChange));
}

TEST_CASE("Regimes: swap is demand, or memory pressure would look like thrift") {
  history::ContainerHistory history;
  model::MemoryDigest digest = Digest({.hard = 300_MiB});
  digest.swap = 200_MiB;
  for (int hour = 0; hour < 100; ++hour) Hour(history, hour, digest);
  const Numbers advice = Ask(history, kMonday + 100h);
  CHECK(advice.limit >= 500_MiB);
  CHECK(advice.reasons.Has(ReasonCode::kSwapCounted));
}

TEST_CASE("Regimes: held back at memory.high without a kill it is starved, not content") {
  history::ContainerHistory history;
  model::MemoryDigest digest = Digest({.hard = 396_MiB});
  digest.limit = 500_MiB;
  digest.high = 400_MiB;
  digest.events.high = 50;
  digest.pressure = {.some = 3s, .full = 1s};
  for (int hour = 0; hour < 30; ++hour) Hour(history, hour, digest);
  const Numbers advice = Ask(history, kMonday + 30h);
  CHECK(advice.limit >= 600_MiB);
  CHECK(advice.reasons.Has(ReasonCode::kStarvedAtBoundary));
  CHECK_FALSE(advice.may_shrink);
}

TEST_CASE("Regimes: when the node ran out the request goes up and the limit stays") {
  history::ContainerHistory history;
  for (int day = 0; day < 10; ++day) {
    ReadDays(history, day, 1, 100_MiB);
    Read(history, Day(day) + 12h, 180_MiB);
  }
  const TimePoint now = Day(10);
  const Numbers before = Ask(history, now);
  for (const auto kind : {model::OomKind::kNodeOom, model::OomKind::kEvicted}) {
    history::ContainerHistory after = history;
    after.Observe({.id = "x", .kind = kind, .time = now - 1h});
    const Numbers advice = Ask(after, now);
    CHECK(advice.limit == before.limit);
    CHECK(*advice.request > *before.request);
    CHECK(*advice.request >= 180_MiB);
  }
}

TEST_CASE("Regimes: the pod's own limit is not answered by a container raise") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  const Numbers before = Ask(history, Day(10));
  history.Observe(
      {.id = "p", .kind = model::OomKind::kPodSliceOom, .time = Day(10) - 1h, .limit = 110_MiB});
  const Numbers advice = Ask(history, Day(10));
  CHECK(advice.limit == before.limit);
  CHECK(advice.reasons.Has(ReasonCode::kPodSliceOom));
}

TEST_CASE("Regimes: a child's kill raises the limit like the container's own") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  history.Observe(
      {.id = "c", .kind = model::OomKind::kChildOom, .time = Day(10) - 1h, .limit = 128_MiB});
  history.Observe(
      {.id = "c", .kind = model::OomKind::kChildOom, .time = Day(10) - 1h, .limit = 128_MiB});
  CHECK(Ask(history, Day(10)).limit == 512_MiB);
  CHECK(history.oom().KillsInLastDay(history::HourOf(Day(10))) == 1);
}

TEST_CASE("Regimes: guarded it needs recent peaks and the largest rise, unguarded the whole past") {
  history::ContainerHistory history;
  for (int day = 0; day < 20; ++day) {
    model::MemoryDigest digest = Digest({.hard = day == 12 ? 600_MiB : 400_MiB});
    digest.rise = 30_MiB;
    for (int hour = day * 24; hour < day * 24 + 24; ++hour) Hour(history, hour, digest);
  }
  const Numbers unguarded = Ask(history, Day(20));
  const Numbers guarded = Ask(history, Day(20), true);
  CHECK(unguarded.limit >= 600_MiB);
  CHECK(guarded.limit >= 430_MiB);
  CHECK(guarded.limit <= 448_MiB);
  CHECK(guarded.guarded);
  CHECK_FALSE(unguarded.guarded);
}

TEST_CASE("Regimes: while a start goes on the guarded limit holds what it takes") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  const TimePoint start = Day(10) + 12h;
  // As fast as can be followed: of its rise, only what the first seconds took was reached at once.
  for (int step = 0; step <= 36; ++step) {
    model::MemoryDigest digest = Digest(
        {.at = start + 15s + step * 15s, .hard = Bytes((20 + 50 * step) << 20), .started = start});
    digest.rise = 18_MiB;
    history.Observe("pod-1", digest);
    const Numbers advice = Ask(history, digest.window_end, true);
    CHECK(*advice.limit >= std::max(digest.hard_peak, 100_MiB));
    CHECK(*advice.limit <= *Ask(history, digest.window_end).limit);
  }
  // Once over it is the guard's to follow again.
  CHECK(*Ask(history, start + 30min, true).limit < 200_MiB);
}

TEST_CASE("Regimes: a start that takes more is no leak: its cap holds that too") {
  history::ContainerHistory history;
  for (int hour = 0; hour < 72; ++hour) {
    Hour(history, hour,
         Digest({.hard = Bytes::FromDouble(200e6 * (1 + 0.3 * hour / 24.0)),
                 .started = kMonday - 1h}));
  }
  const TimePoint start = Day(3) + 1h;
  history.Observe("pod-1", Digest({.at = start + 5min, .hard = 2_GiB, .started = start}));
  for (const bool guarded : {false, true}) {
    const Numbers advice = Ask(history, start + 5min, guarded);
    REQUIRE(advice.reasons.Has(ReasonCode::kLeakSuspected));
    CHECK(*advice.limit >= 2_GiB);
  }
}

TEST_CASE("Regimes: a start passed by three newer ones within an hour is not forgotten") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  const auto start = [&](TimePoint at, Bytes peak) {
    history.Observe("pod-1", Digest({.at = at + 5min, .hard = peak, .started = at}));
  };
  const TimePoint first = Day(10) + 12h;
  start(first, 2_GiB);
  for (const auto later : {20min, 40min, 60min}) start(first + later, 100_MiB);
  for (const bool guarded : {false, true}) {
    CHECK(*Ask(history, first + 71min, guarded).limit >= 2_GiB);
  }
}

TEST_CASE("Regimes: a start passed by three newer ones in weeks has expired") {
  history::ContainerHistory history;
  ReadDays(history, 0, 26, 100_MiB);
  const auto start = [&](int day, Bytes peak) {
    const TimePoint at = Day(day) + 1h;
    history.Observe("pod-1", Digest({.at = at + 5min, .hard = peak, .started = at}));
  };
  start(10, 2_GiB);
  for (const int day : {15, 20, 25}) start(day, 100_MiB);
  CHECK(*Ask(history, Day(26)).limit < 200_MiB);
}

TEST_CASE("Regimes: two histories put together forget no start that was passed") {
  const TimePoint first = Day(10) + 12h;
  const auto lived = [&](std::initializer_list<std::pair<Duration, Bytes>> starts) {
    history::ContainerHistory history;
    ReadDays(history, 0, 10, 100_MiB);
    for (const auto& [later, peak] : starts) {
      const TimePoint at = first + later;
      history.Observe("pod-1", Digest({.at = at + 5min, .hard = peak, .started = at}));
    }
    return history;
  };
  const auto earlier = lived({{0min, 2_GiB}, {20min, 100_MiB}});
  const auto later = lived({{40min, 100_MiB}, {60min, 100_MiB}});
  for (const bool into_earlier : {false, true}) {
    history::ContainerHistory merged = into_earlier ? earlier : later;
    merged.Merge(into_earlier ? later : earlier);
    CHECK(*Ask(merged, first + 71min).limit >= 2_GiB);
  }
}

TEST_CASE("Regimes: a guard just back does not lower the limit yet") {
  history::ContainerHistory history;
  for (int day = 0; day < 20; ++day) ReadDays(history, day, 1, day == 12 ? 600_MiB : 400_MiB);
  Question question{.now = Day(20), .guard = {.active = true, .since = Day(20) - 9min}};
  CHECK(RecommendNumbers(history, question).limit >= 600_MiB);
  CHECK(RecommendNumbers(history, question).reasons.Has(ReasonCode::kGuardSettling));
  question.guard.since = Day(20) - 11min;
  CHECK(RecommendNumbers(history, question).limit < 500_MiB);
}

TEST_CASE("Regimes: a leak is named within 36 h, bounded, and nothing shrinks meanwhile") {
  history::ContainerHistory history;
  const auto grow = [&](int from, int to) {
    for (int hour = from; hour < to; ++hour) {
      model::MemoryDigest digest = Digest(
          {.hard = Bytes::FromDouble(200e6 * (1 + 0.6 * hour / 24.0)), .started = kMonday - 1h});
      Hour(history, hour, digest);
    }
  };
  grow(0, 36);
  Numbers advice = Ask(history, kMonday + 36h);
  CHECK(advice.reasons.Has(ReasonCode::kLeakSuspected));
  CHECK_FALSE(advice.may_shrink);
  grow(36, 72);
  advice = Ask(history, kMonday + 72h);
  CHECK(advice.reasons.Has(ReasonCode::kLeakConfirmed));
  // Feeding it stops at twice the usual peak, here the median day.
  CHECK(advice.limit->AsDouble() <= 2.1 * 200e6 * (1 + 0.6 * 2));
}

TEST_CASE("Regimes: whether a leak is seen does not depend on whose reading comes first") {
  const auto lived = [](bool older_first) {
    history::ContainerHistory history;
    for (int hour = 0; hour < 48; ++hour) {
      const TimePoint at = kMonday + std::chrono::hours(hour) + 30min;
      const Bytes grown = Bytes::FromDouble(200e6 * (1 + 0.6 * hour / 24.0));
      const auto older = Digest({.at = at, .hard = grown, .started = kMonday - 48h});
      const auto younger = Digest({.at = at, .hard = 200_MiB, .started = kMonday - 1h});
      if (older_first) history.Observe("older", older);
      history.Observe("younger", younger);
      if (!older_first) history.Observe("older", older);
    }
    return history;
  };
  CHECK(lived(true) == lived(false));
  CHECK(Ask(lived(false), Day(2)).reasons.Has(ReasonCode::kLeakSuspected));
}

TEST_CASE("Regimes: a leak's cap is not below what is in use, just after midnight either") {
  history::ContainerHistory history;
  Bytes in_use{};
  for (int hour = 0; hour < 9 * 24; ++hour) {
    in_use = Bytes::FromDouble(200e6 * std::pow(1.3, hour / 24.0));
    Hour(history, hour, Digest({.hard = in_use, .started = kMonday - 1h}));
  }
  const Numbers evening = Ask(history, Day(9) - 1min);
  const Numbers after_midnight = Ask(history, Day(9) + 1min);
  REQUIRE(after_midnight.reasons.Has(ReasonCode::kLeakSuspected));
  CHECK(*evening.limit >= in_use);
  CHECK(*after_midnight.limit >= in_use);
}

TEST_CASE("Regimes: one replica far above the others is called skewed") {
  history::ContainerHistory history;
  for (int pod = 0; pod < 6; ++pod) {
    Read(history, Day(0) + 1h, pod == 3 ? 600_MiB : 100_MiB, "pod-" + std::to_string(pod));
  }
  CHECK(Ask(history, Day(0) + 2h).reasons.Has(ReasonCode::kSkewedReplicas));
  CHECK(Ask(history, Day(0) + 2h).limit >= 600_MiB);
}

TEST_CASE("Regimes: a kill far above every sample tells that peaks go unseen") {
  history::ContainerHistory history;
  ReadDays(history, 0, 5, 100_MiB);
  history.Observe(Kill(Day(5) - 1h, 200_MiB, "k"));
  CHECK(Ask(history, Day(5)).reasons.Has(ReasonCode::kUnobservedPeaks));
}

TEST_CASE("Regimes: memory.peak shows a spike between two samples, cache left out") {
  history::ContainerHistory history;
  model::MemoryDigest digest = Digest({.hard = 100_MiB});
  digest.soft_mean = 300_MiB;
  digest.usage = 400_MiB;
  digest.kernel_peak = 520_MiB;
  for (int hour = 0; hour < 3; ++hour) Hour(history, hour, digest);
  const double peak = history::Decode(history.peaks().DayPeak(history::DayOf(kMonday)));
  CHECK(peak == doctest::Approx(220.0 * (1 << 20)).epsilon(0.001));
}

TEST_CASE("Regimes: what was cut off at its limit came to the limit at least") {
  const auto peak_of = [](model::MemoryDigest digest) {
    history::ContainerHistory history;
    history.Observe("pod-1", digest);
    return history::Decode(history.peaks().DayPeak(history::DayOf(kMonday))) / (1 << 20);
  };
  model::MemoryDigest digest = Digest({.at = kMonday + 1h, .hard = 190_MiB});
  digest.limit = 256_MiB;
  CHECK(peak_of(digest) == doctest::Approx(190).epsilon(0.001));
  digest.censored = true;
  CHECK(peak_of(digest) == doctest::Approx(256).epsilon(0.001));
  digest.high = 200_MiB;
  CHECK(peak_of(digest) == doctest::Approx(200).epsilon(0.001));
  digest.swap = 30_MiB;
  CHECK(peak_of(digest) == doctest::Approx(230).epsilon(0.001));
  digest.limit = digest.high = std::nullopt;  // cut off by nothing that is told
  CHECK(peak_of(digest) == doctest::Approx(220).epsilon(0.001));
}

TEST_CASE("Regimes: the objective moves what is held, in its direction only") {
  history::ContainerHistory history;
  for (int day = 0; day < 30; ++day) ReadDays(history, day, 1, day == 20 ? 250_MiB : 100_MiB);
  Bytes before{};
  for (const auto objective :
       {model::Objective::kSavings, model::Objective::kBalanced, model::Objective::kReliability}) {
    const Numbers advice =
        RecommendNumbers(history, {.now = Day(30), .policy = {.objective = objective}});
    CHECK(*advice.limit >= before);
    before = *advice.limit;
  }
  CHECK(before >= 250_MiB);
}

TEST_CASE("Regimes: silence of a quarter of an hour stops shrinking, not advice") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  const TimePoint last = Day(10) - 30min;
  CHECK(Ask(history, last + 14min).may_shrink);
  const Numbers later = Ask(history, last + 16min);
  CHECK_FALSE(later.may_shrink);
  CHECK(later.reasons.Has(ReasonCode::kTelemetryStale));
  CHECK(later.limit.has_value());
}

TEST_CASE("Regimes: a last reading from ahead is as stale as an old one") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 100_MiB);
  const TimePoint last = Day(10) - 30min;
  // Clocks differ by a few minutes.
  CHECK(Ask(history, last - 5min).may_shrink);
  CHECK(Ask(history, last - 6min).reasons.Has(ReasonCode::kTelemetryStale));
  // A clock that is set back later on: nothing was read since.
  for (const auto window : {0min, 1min}) Read(history, last + 30 * 24h + window, 100_MiB);
  REQUIRE(history.last_minute() > history::MinuteOf(last));
  const Numbers advice = Ask(history, last + 1h);
  CHECK(advice.limit.has_value());
  CHECK_FALSE(advice.may_shrink);
  CHECK(advice.reasons.Has(ReasonCode::kTelemetryStale));
}

}  // namespace
}  // namespace plimsoll::recommend
