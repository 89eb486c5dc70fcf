// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/urgent_raise.h"

#include <doctest/doctest.h>

#include "tests/advisor/rollout/fixture.h"

namespace plimsoll::rollout {
namespace {

UrgentReading AReading(Bytes hard) {
  return {.time = kNow, .hard = hard, .limit = 256_MiB, .rise = std::nullopt};
}
const UrgentBounds kRoomy{.node_available = 16_GiB};

TEST_CASE("AnswerUrgent: near the limit it grows by 1.6") {
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
  reading = AReading(252_MiB);
  reading.rise = 0_MiB;
  CHECK(AnswerUrgent(reading, kRoomy, {}).limit == 410_MiB);
}

TEST_CASE("AnswerUrgent: up to the peak that the limit was made for nothing is urgent") {
  UrgentBounds bounds = kRoomy;
  bounds.expected = 240_MiB;
  CHECK_FALSE(AnswerUrgent(AReading(230_MiB), bounds, {}).limit.has_value());
  CHECK(AnswerUrgent(AReading(241_MiB), bounds, {}).limit == 410_MiB);
  bounds.expected = 256_MiB;  // a peak cut off by the limit tells nothing
  CHECK(AnswerUrgent(AReading(230_MiB), bounds, {}).limit == 410_MiB);
}

TEST_CASE("AnswerUrgent: a steep rise is answered for the whole reaction time") {
  UrgentReading reading = AReading(210_MiB);
  reading.rise = 1640_MiB;  // 328 MiB/s

  CHECK(AnswerUrgent(reading, kRoomy, {}).limit == 866_MiB);
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

TEST_CASE("AnswerUrgent: at most eight raises a minute") {
  UrgentHistory history;
  for (int i = 0; i < kUrgentRaisesPerMinute; ++i) {
    REQUIRE(AnswerUrgent(AReading(210_MiB), kRoomy, history).limit.has_value());
    history = Counted(history, kNow);
  }
  CHECK(AnswerUrgent(AReading(210_MiB), kRoomy, history).reason.code == "RaiseRateExceeded");

  UrgentReading later = AReading(210_MiB);
  later.time = kNow + 61s;
  CHECK(AnswerUrgent(later, kRoomy, history).limit.has_value());
}

TEST_CASE("AnswerUrgent: an unlimited container needs no raise") {
  UrgentReading reading = AReading(210_MiB);
  reading.limit.reset();
  CHECK_FALSE(AnswerUrgent(reading, kRoomy, {}).limit.has_value());
}

}  // namespace
}  // namespace plimsoll::rollout
