// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/recommend.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "advisor/recommend/explanation.h"
#include "tests/advisor/support/feed.h"

namespace plimsoll::recommend {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

bool Has(const Recommendation& advice, std::string_view code) {
  return std::ranges::any_of(advice.reasons, [&](const Reason& r) { return r.code == code; });
}

double Last(const Explanation& explanation, std::string_view name) {
  double result = -1;
  for (const Step& step : explanation.steps) {
    if (step.name == name) result = step.result;
  }
  return result;
}

void CheckExplained(const Recommendation& advice) {
  const Status verified = Verify(advice.explanation);
  CHECK_MESSAGE(verified.has_value(), (verified ? "" : verified.error().message()));
  CHECK(Last(advice.explanation, "limit") == advice.limit->AsDouble());
  CHECK(Last(advice.explanation, "request") == advice.request->AsDouble());
  // The limit's rounding starts from a step, not from a number that comes from nowhere.
  const auto rounding = std::ranges::find_if(advice.explanation.steps, [](const Step& step) {
    return step.name == "limit" && step.op == Op::kRoundUp;
  });
  REQUIRE(rounding != advice.explanation.steps.end());
  CHECK(Last(advice.explanation, rounding->terms.front().name) == rounding->terms.front().value);
}

TEST_CASE(
    "Recommend: under the guard too the limit follows from its steps while demand grows fast") {
  history::ContainerHistory history;
  for (int day = 0; day < 7; ++day) ReadDays(history, day, 1, Bytes((day + 1) * (100LL << 20)));
  const Recommendation advice =
      Recommend(history, {.now = kMonday + 168h, .guard = {.active = true}});
  // What the request prepares for lies above the limit by readings: the case that is meant.
  REQUIRE(Last(advice.explanation, "request.wanted") > Last(advice.explanation, "limit.unguarded"));
  CheckExplained(advice);
}

TEST_CASE("Recommend: a limit known by a boundary alone comes with a request, not with 0") {
  history::ContainerHistory history;
  model::MemoryDigest held = Digest({.at = kMonday + 30h, .hard = 100_MiB});
  held.limit = 100_MiB;
  held.pressure = {.some = held.window_end - held.window_start, .full = Duration(0)};
  history.Observe("pod-1", held);
  // Asked for the day before: of that day nothing is known.
  const Recommendation advice = Recommend(history, {.now = kMonday});
  REQUIRE(advice.limit.has_value());
  CHECK(*advice.request >= 100_MiB);
  CheckExplained(advice);
}

TEST_CASE("Recommend: without data there is no number") {
  const Recommendation advice = Recommend({}, {.now = kMonday});
  CHECK(advice.verdict == Verdict::kInsufficientData);
  CHECK_FALSE(advice.limit.has_value());
  CHECK_FALSE(advice.request.has_value());
  CHECK_FALSE(advice.may_shrink);
  CHECK(Has(advice, "NoData"));
}

TEST_CASE("Recommend: a kill before any reading raises the limit to four times what it was") {
  history::ContainerHistory history;
  history.Observe(Kill(kMonday, 64_MiB, "a"));
  const Recommendation advice =
      Recommend(history, {.now = kMonday + 1s, .current = {.request = 64_MiB, .limit = 64_MiB}});
  CHECK(advice.verdict == Verdict::kUnderProvisioned);
  CHECK(advice.limit == 256_MiB);
  CHECK(*advice.request <= *advice.limit);
  CHECK(*advice.request > 64_MiB);
  CHECK_FALSE(advice.may_shrink);
  CHECK(Has(advice, "OomFloor"));
  CheckExplained(advice);
}

TEST_CASE(
    "Recommend: kills at an old limit do not drive the limit up, a kill at the new one does") {
  history::ContainerHistory history;
  for (int i = 0; i < 20; ++i) {
    history.Observe(Kill(kMonday + i * 1min, 64_MiB, "a" + std::to_string(i)));
  }
  CHECK(Recommend(history, {.now = kMonday + 20min}).limit == 256_MiB);
  history.Observe(Kill(kMonday + 21min, 256_MiB, "b"));
  CHECK(Recommend(history, {.now = kMonday + 22min}).limit == 1024_MiB);
}

TEST_CASE(
    "Recommend: minutes after first sight an eightfold reservation is called over-provisioned") {
  history::ContainerHistory history;
  for (int i = 0; i < 12; ++i) Read(history, kMonday + i * 15s, 60_MiB);
  const Question question{.now = kMonday + 3min, .current = {.request = 512_MiB, .limit = 512_MiB}};
  const Recommendation advice = Recommend(history, question);
  CHECK(advice.verdict == Verdict::kOverProvisioned);
  CHECK(advice.limit > 60_MiB);
  CHECK(advice.limit < 100_MiB);
  CHECK(advice.confidence.value() < 0.1);
  CHECK_FALSE(advice.may_shrink);
  CHECK(Has(advice, "ObservationTooShort"));
  CheckExplained(advice);

  Question impatient = question;
  impatient.policy.minimum_observation = 1min;
  CHECK(Recommend(history, impatient).may_shrink);
}

TEST_CASE("Recommend: a flat container gets a little more than its peak") {
  history::ContainerHistory history;
  ReadDays(history, 0, 14, 400_MiB);
  const Recommendation advice = Recommend(history, {.now = kMonday + 14 * 24h - 29min});
  CHECK(advice.limit >= 412_MiB);
  CHECK(advice.limit <= 450_MiB);
  CHECK(advice.request >= 400_MiB);
  CHECK(advice.request <= 424_MiB);
  CHECK(advice.may_shrink);
  CheckExplained(advice);
}

TEST_CASE("Recommend: with request and limit bound to be equal both are the limit") {
  history::ContainerHistory history;
  ReadDays(history, 0, 14, 400_MiB);
  const Recommendation advice =
      Recommend(history, {.now = kMonday + 14 * 24h, .constraints = {.guaranteed = true}});
  CHECK(advice.request == advice.limit);
  CHECK(Has(advice, "KeptGuaranteed"));
  CheckExplained(advice);
}

TEST_CASE("Recommend: a peak that outdoes the held one gets room at once, one near it does not") {
  history::ContainerHistory history;
  ReadDays(history, 0, 10, 400_MiB);
  const Recommendation before = Recommend(history, {.now = kMonday + 10 * 24h});
  CHECK_FALSE(Has(before, "EmergencyRaise"));
  Read(history, kMonday + 10 * 24h + 1h, 410_MiB);
  CHECK(*before.limit < 430_MiB);  // 410 is within 5 % of it
  const Recommendation near = Recommend(history, {.now = kMonday + 10 * 24h + 1h});
  CHECK_FALSE(Has(near, "EmergencyRaise"));
  CHECK(near.limit == before.limit);

  // A quarter more, as 1.5^1.5 would be above that, and the margin; in steps of a sixteenth.
  Read(history, kMonday + 10 * 24h + 2h, 600_MiB);
  const Recommendation above = Recommend(history, {.now = kMonday + 10 * 24h + 2h});
  CHECK(*above.limit >= 750_MiB);
  CHECK(*above.limit <= 830_MiB);
  CHECK(Has(above, "EmergencyRaise"));
  CheckExplained(above);

  // 450 reached is a rise by an eighth: 1.125^1.5 = 1.193 times it.
  history::ContainerHistory gentle;
  ReadDays(gentle, 0, 10, 400_MiB);
  Read(gentle, kMonday + 10 * 24h + 1h, 445_MiB);
  const Recommendation less = Recommend(gentle, {.now = kMonday + 10 * 24h + 1h});
  CHECK(*less.limit >= 537_MiB);
  CHECK(*less.limit <= 580_MiB);
  CHECK(Has(less, "EmergencyRaise"));
}

}  // namespace
}  // namespace plimsoll::recommend
