// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/urgent_raise.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/advisor/rollout/fixture.h"

namespace plimsoll::rollout {
namespace {

UrgentReading AReading(Bytes hard) {
  return {.time = kNow, .hard = hard, .limit = 256_MiB, .rise = std::nullopt};
}
const UrgentBounds kRoomy{.node_available = 16_GiB};

TEST_CASE(
    "AnswerUrgent: while the need is unknown a raise is as large as steady growth asks, 1.6 times "
    "the limit at most") {
  UrgentReading reading = AReading(210_MiB);
  const auto at = [&](Bytes per_second, Bytes rise) {
    reading.rate = BytesPerSecond(per_second.AsDouble());
    reading.rise = rise;
    return AnswerUrgent(reading, kRoomy, {}).limit;
  };
  CHECK(at(5_MiB, 25_MiB) == 311_MiB);
  CHECK(at(20_MiB, 90_MiB) == 313_MiB);
  CHECK(at(36_MiB, 150_MiB) == 390_MiB);  // 5 s of it
  CHECK(at(5_MiB, 150_MiB) == 360_MiB);   // by 30 MiB/s on the whole
  CHECK(at(80_MiB, 200_MiB) == 410_MiB);
  CHECK(at(16_MiB, 32_MiB) == 410_MiB);  // it has only begun to grow
  reading.hard = 252_MiB;                // reclaim holds it there: what it wants is not seen
  CHECK(at(5_MiB, 25_MiB) == 410_MiB);
  CHECK(at(1_MiB, 1_MiB) == 373_MiB);  // slow all along

  UrgentBounds known = kRoomy;
  known.expected = 200_MiB;
  reading = AReading(210_MiB);
  reading.rate = BytesPerSecond((5_MiB).AsDouble());
  reading.rise = 25_MiB;
  CHECK(AnswerUrgent(reading, known, {}).limit == 410_MiB);  // fewer raises; the advice cuts it
}

// Where the limit ends when memory grows at that rate, up to `need`; read ten times a second.
Bytes LimitAfter(Bytes need, Bytes per_second) {
  constexpr Bytes kStart = 16_MiB;
  UrgentHistory history;
  Bytes limit = 64_MiB;
  for (int tenths = 0;; ++tenths) {
    const Bytes grown = Bytes(per_second.count() * tenths / 10);
    const Bytes hard = std::min(need, kStart + grown);
    REQUIRE(hard < limit);
    const UrgentReading reading{.time = kNow + 100ms * tenths,
                                .hard = hard,
                                .limit = limit,
                                .rise = std::min({grown, per_second * Ratio(5)}),
                                .rate = BytesPerSecond(per_second.AsDouble())};
    if (const auto raised = AnswerUrgent(reading, kRoomy, history).limit) {
      history = Counted(history, reading.time);
      limit = *raised;
    }
    if (hard == need) return limit;
  }
}

TEST_CASE(
    "AnswerUrgent: what grows steadily to its need ends at 1.5 times that, or with 2 s of room") {
  for (const Bytes need : {150_MiB, 250_MiB, 300_MiB, 301_MiB, 341_MiB, 375_MiB}) {
    for (const Bytes rate : {1_MiB, 5_MiB, 16_MiB, 30_MiB}) {
      const Bytes ahead = std::max((need + rate * Ratio(2)) * Ratio(1.25), need + rate * Ratio(5));
      CHECK(LimitAfter(need, rate) <= std::max(ahead, need * Ratio(1.5)) + 2_MiB);
    }
  }
}

TEST_CASE("AnswerUrgent: near the limit it grows by 1.6 when its rate is not known") {
  CHECK(AnswerUrgent(AReading(210_MiB), kRoomy, {}).limit == 410_MiB);
}

TEST_CASE("AnswerUrgent: below 80 % nothing is urgent, cache or not") {
  CHECK_FALSE(AnswerUrgent(AReading(200_MiB), kRoomy, {}).limit.has_value());
}

TEST_CASE("AnswerUrgent: a tight limit that is near all day is not raised until memory moves") {
  UrgentReading reading = AReading(240_MiB);
  reading.rise = 5_MiB;
  CHECK_FALSE(AnswerUrgent(reading, kRoomy, {}).limit.has_value());
  reading.rise = 13_MiB;
  CHECK(AnswerUrgent(reading, kRoomy, {}).limit == 410_MiB);
  reading.rise = 8_MiB;  // 256 in 10 s, however small a share of the limit that is
  CHECK(AnswerUrgent(reading, kRoomy, {}).limit == 410_MiB);
  reading = AReading(252_MiB);
  reading.rise = 0_MiB;
  CHECK(AnswerUrgent(reading, kRoomy, {}).limit == 373_MiB);  // it crept there
}

TEST_CASE("AnswerUrgent: up to the peak that the limit was made for nothing is urgent") {
  UrgentBounds bounds = kRoomy;
  bounds.expected = 240_MiB;
  CHECK_FALSE(AnswerUrgent(AReading(230_MiB), bounds, {}).limit.has_value());
  CHECK(AnswerUrgent(AReading(241_MiB), bounds, {}).limit == 410_MiB);
  // Below that peak as well, where the next look would come too late: 230 + 0.4 s * 80 = 262.
  UrgentReading fast = AReading(230_MiB);
  fast.rate = BytesPerSecond((80_MiB).AsDouble());
  CHECK(AnswerUrgent(fast, bounds, {}).limit == 410_MiB);
  fast.rate = BytesPerSecond((60_MiB).AsDouble());
  CHECK_FALSE(AnswerUrgent(fast, bounds, {}).limit.has_value());
  bounds.expected = 256_MiB;  // a peak cut off by the limit tells nothing
  CHECK(AnswerUrgent(AReading(230_MiB), bounds, {}).limit == 410_MiB);
}

TEST_CASE("AnswerUrgent: a steep rise is answered for the whole reaction time") {
  UrgentReading reading = AReading(210_MiB);
  reading.rise = 1640_MiB;  // 328 MiB/s

  CHECK(AnswerUrgent(reading, kRoomy, {}).limit == 866_MiB);
}

TEST_CASE("AnswerUrgent: of a fast rise the next raise is due in a second at the soonest") {
  UrgentReading reading = AReading(210_MiB);
  for (const bool known : {false, true}) {
    UrgentBounds bounds = kRoomy;
    if (known) bounds.expected = 200_MiB;
    reading.rate = BytesPerSecond((640_MiB).AsDouble());
    CHECK(AnswerUrgent(reading, bounds, {}).limit == 1063_MiB);
    reading.rate = BytesPerSecond((160_MiB).AsDouble());
    CHECK(AnswerUrgent(reading, bounds, {}).limit == 463_MiB);
    reading.rate = BytesPerSecond((100_MiB).AsDouble());
    CHECK(AnswerUrgent(reading, bounds, {}).limit == 410_MiB);
  }
}

TEST_CASE("AnswerUrgent: bounded by the policy and by what the node has free") {
  UrgentBounds bounds = kRoomy;
  bounds.max_allowed = 300_MiB;
  CHECK(AnswerUrgent(AReading(210_MiB), bounds, {}).limit == 300_MiB);
  CHECK(AnswerUrgent(AReading(210_MiB), bounds, {}).reason.code == "CappedByPolicy");

  bounds.node_available = 50_MiB;
  CHECK(AnswerUrgent(AReading(210_MiB), bounds, {}).limit == 296_MiB);

  bounds.max_allowed = 256_MiB;
  CHECK_FALSE(AnswerUrgent(AReading(210_MiB), bounds, {}).limit.has_value());
}

TEST_CASE("AnswerUrgent: nothing is raised on a node whose free memory is unknown") {
  const UrgentAnswer answer = AnswerUrgent(AReading(210_MiB), {}, {});
  CHECK_FALSE(answer.limit.has_value());
  CHECK(answer.reason.code == "TelemetryStale");
}

TEST_CASE("AnswerUrgent: a suspected leak is not fed") {
  UrgentBounds bounds = kRoomy;
  bounds.leak_suspected = true;
  CHECK(AnswerUrgent(AReading(250_MiB), bounds, {}).reason.code == "LeakSuspected");
}

TEST_CASE("AnswerUrgent: at most twelve raises a minute") {
  UrgentHistory history;
  for (int i = 0; i < kUrgentRaisesPerMinute; ++i) {
    REQUIRE(AnswerUrgent(AReading(210_MiB), kRoomy, history).limit.has_value());
    history = Counted(history, kNow);
  }
  CHECK(AnswerUrgent(AReading(210_MiB), kRoomy, history).reason.code == "RaiseRateExceeded");

  UrgentReading later = AReading(210_MiB);
  later.time = kNow + 61s;
  CHECK(AnswerUrgent(later, kRoomy, history).limit.has_value());

  later.time = kNow - 1h;  // a clock that was set back
  CHECK(AnswerUrgent(later, kRoomy, history).limit.has_value());
  CHECK(Counted(history, kNow - 1h).raises == 1);
}

TEST_CASE("AnswerUrgent: an unlimited container needs no raise") {
  UrgentReading reading = AReading(210_MiB);
  reading.limit.reset();
  CHECK_FALSE(AnswerUrgent(reading, kRoomy, {}).limit.has_value());
}

}  // namespace
}  // namespace plimsoll::rollout
