// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every advice, whatever was observed.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "advisor/history/checkpoint.h"
#include "advisor/recommend/recommend.h"
#include "advisor/recommend/rounding.h"
#include "tests/advisor/support/worlds.h"

namespace plimsoll::recommend {
namespace {
using namespace testing;  // NOLINT(google-build-using-namespace)

constexpr std::uint32_t kWorlds = 150;

bool Same(const Numbers& a, const Numbers& b) {
  return a.verdict == b.verdict && a.request == b.request && a.limit == b.limit &&
         a.uncapped_request == b.uncapped_request && a.uncapped_limit == b.uncapped_limit &&
         a.confidence == b.confidence && a.guarded == b.guarded && a.may_shrink == b.may_shrink &&
         a.reasons == b.reasons;
}

Bytes MiB(std::uint64_t count) { return Bytes(static_cast<std::int64_t>(count << 20)); }

Question RandomQuestion(std::uint32_t seed, TimePoint now) {
  std::mt19937 random(seed);
  Question question{.now = now};
  question.policy.objective = static_cast<model::Objective>(random() % 3);
  question.guard.active = random() % 2 == 0;
  question.constraints.guaranteed = random() % 4 == 0;
  question.batch = random() % 5 == 0;
  if (random() % 2 == 0) question.policy.max_allowed = MiB(1 + random() % 4000);
  if (random() % 2 == 0) question.policy.min_allowed = MiB(1 + random() % 300);
  if (random() % 3 == 0)
    question.constraints.limit_range_max_ratio = Ratio(1.0 + static_cast<double>(random() % 4));
  if (random() % 3 == 0) question.constraints.node_allocatable = 4_GiB;
  if (random() % 3 == 0) question.constraints.quota_share = MiB(1 + random() % 500);
  if (random() % 2 == 0) question.current = {.request = 100_MiB, .limit = 200_MiB};
  return question;
}

double Last(const Explanation& explanation, std::string_view name) {
  double result = -1;
  for (const Step& step : explanation.steps) {
    if (step.name == name) result = step.result;
  }
  return result;
}

TEST_CASE("Advice: the request never exceeds the limit, the bounds hold, and nothing is negative") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    const Question question = RandomQuestion(seed, world.end + 1min);
    const Numbers advice = RecommendNumbers(Lived(world), question);
    CAPTURE(seed);
    REQUIRE(advice.limit.has_value());
    REQUIRE(advice.request.has_value());
    CHECK(*advice.request <= *advice.limit);
    CHECK(*advice.uncapped_request <= *advice.uncapped_limit);
    CHECK(*advice.request > 0_B);
    if (question.policy.max_allowed) CHECK(*advice.limit <= *question.policy.max_allowed);
    if (question.constraints.node_allocatable) {
      CHECK(*advice.limit <= *question.constraints.node_allocatable);
    }
    if (question.constraints.guaranteed) CHECK(*advice.request == *advice.limit);
    CHECK(std::isfinite(advice.confidence.value()));
    CHECK(advice.confidence.value() > 0);
    CHECK(advice.confidence.value() <= 1);
  }
}

TEST_CASE("Advice: unbounded it is never below the highest demand of the day") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    const history::ContainerHistory history = Lived(world);
    const double today = history::Decode(history.peaks().DayPeak(history::DayOf(world.end)));
    for (const bool guarded : {false, true}) {
      CAPTURE(seed);
      CAPTURE(guarded);
      const Numbers advice =
          RecommendNumbers(history, {.now = world.end, .guard = {.active = guarded}});
      CHECK(advice.limit->AsDouble() >= today);
    }
  }
}

TEST_CASE("Advice: every number follows from its explanation, by the steps alone") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    const Question question = RandomQuestion(seed, world.end + 1min);
    const history::ContainerHistory history = Lived(world);
    const Recommendation advice = Recommend(history, question);
    CAPTURE(seed);
    const Status verified = Verify(advice.explanation);
    CHECK_MESSAGE(verified.has_value(), (verified ? "" : verified.error().message()));
    CHECK(Last(advice.explanation, "limit") == advice.limit->AsDouble());
    CHECK(Last(advice.explanation, "request") == advice.request->AsDouble());
    const Numbers numbers = RecommendNumbers(history, question);
    CHECK(numbers.limit == advice.limit);
    CHECK(numbers.request == advice.request);
  }
}

TEST_CASE("Advice: without a guard it is never less than with one") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    const history::ContainerHistory history = Lived(world);
    CAPTURE(seed);
    CHECK(*RecommendNumbers(history, {.now = world.end, .guard = {.active = true}}).limit <=
          *RecommendNumbers(history, {.now = world.end}).limit);
  }
}

TEST_CASE("Advice: one more reading, however high, never lowers it") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    history::ContainerHistory history = Lived(world);
    Bytes limit{};
    Bytes request{};
    CAPTURE(seed);
    for (const double factor : {0.5, 1.0, 1.1, 1.5, 3.0, 10.0}) {
      const double top = history::Decode(history.peaks().DayPeak(history.peaks().head()));
      Read(history, world.end, Bytes::FromDouble(top * factor), "pod-1");
      const Numbers advice = RecommendNumbers(history, {.now = world.end});
      CHECK(*advice.limit >= limit);
      CHECK(*advice.request >= request);
      limit = *advice.limit;
      request = *advice.request;
    }
  }
}

TEST_CASE("Advice: the order of what is seen within a tick does not matter") {
  std::mt19937 random(5);
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    history::ContainerHistory forward = Lived(world);
    history::ContainerHistory backward = forward;
    std::vector<model::MemoryDigest> tick;
    for (int i = 0; i < 6; ++i) {
      model::MemoryDigest digest =
          Digest({.at = world.end, .hard = Bytes(50'000'000 + random() % 900'000'000)});
      digest.rise = Bytes(random() % 9'000'000);
      digest.pressure = {.some = Duration(random() % 900), .full = Duration(0)};
      tick.push_back(digest);
    }
    const model::OomEvent kill = Kill(world.end, 300_MiB, "tick");
    for (std::size_t i = 0; i < tick.size(); ++i) forward.Observe(std::to_string(i), tick[i]);
    forward.Observe(kill);
    backward.Observe(kill);
    for (std::size_t i = tick.size(); i-- > 0;) backward.Observe(std::to_string(i), tick[i]);
    CAPTURE(seed);
    CHECK(Same(RecommendNumbers(forward, {.now = world.end + 1min}),
               RecommendNumbers(backward, {.now = world.end + 1min})));
  }
}

TEST_CASE("Advice: merging two histories commutes") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World first = RandomWorld(seed);
    const World second = RandomWorld(seed + 1000);
    history::ContainerHistory ab = Lived(first);
    ab.Merge(Lived(second));
    history::ContainerHistory ba = Lived(second);
    ba.Merge(Lived(first));
    const Question question{.now = std::max(first.end, second.end)};
    CAPTURE(seed);
    CHECK(Same(RecommendNumbers(ab, question), RecommendNumbers(ba, question)));
  }
}

TEST_CASE("Advice: a checkpoint at any instant changes none that follows") {
  for (std::uint32_t seed = 0; seed < 40; ++seed) {
    const World world = RandomWorld(seed);
    std::mt19937 random(seed);
    history::ContainerHistory straight;
    history::ContainerHistory restarted;
    for (const Happening& happening : world.happenings) {
      happening(straight);
      happening(restarted);
      if (random() % 20 != 0) continue;
      auto back = history::DecodeCheckpoint(history::EncodeCheckpoint(restarted));
      REQUIRE(back.has_value());
      restarted = *back;
    }
    CAPTURE(seed);
    CHECK(straight == restarted);
    CHECK(Same(RecommendNumbers(straight, {.now = world.end}),
               RecommendNumbers(restarted, {.now = world.end})));
  }
}

void CheckScaled(Bytes small, Bytes large, double k) {
  const double ratio = large.AsDouble() / small.AsDouble();
  const double step = RoundingStep(small.AsDouble()) / small.AsDouble();
  const double large_step = RoundingStep(large.AsDouble()) / large.AsDouble();
  CHECK(ratio >= k * (1 - step - 0.03));
  CHECK(ratio <= k * (1 + large_step + 0.03));
}

TEST_CASE("Advice: once applied, asking again changes nothing") {
  for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
    const World world = RandomWorld(seed);
    const history::ContainerHistory history = Lived(world);
    Question question{.now = world.end};
    question.guard.active = seed % 2 == 0;
    const Numbers first = RecommendNumbers(history, question);
    question.current = {.request = first.request, .limit = first.limit};
    question.previous = question.current;
    const Numbers again = RecommendNumbers(history, question);
    CAPTURE(seed);
    CHECK(again.limit == first.limit);
    CHECK(again.request == first.request);
    CHECK(again.verdict == Verdict::kRightSized);
  }
}

// Not only by powers of two, by which the stored logarithms (log_code.h) move without being rounded
// anew.
TEST_CASE("Advice: scaling every byte by k scales it by k, up to rounding") {
  for (const double k : {0.6, 1.7, 3.0, 4.0}) {
    for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
      const Question question{.now = RandomWorld(seed).end};
      const Numbers small = RecommendNumbers(Lived(RandomWorld(seed)), question);
      const Numbers large = RecommendNumbers(Lived(RandomWorld(seed, k)), question);
      // The smallest limit that can start does not scale.
      if (std::min(*small.limit, *large.limit) <= 10_MiB) continue;
      CAPTURE(k);
      CAPTURE(seed);
      CheckScaled(*small.limit, *large.limit, k);
      CheckScaled(*small.request, *large.request, k);
    }
  }
}

// Whether today goes beyond the days before it, and more is advised than it has reached.
bool Outdone(const Recommendation& advice) {
  return Last(advice.explanation, "limit.today") > 0 ||
         Last(advice.explanation, "guarded.today") > 0;
}

// Asked at the same moment with the same request and limit in force, so that none of it is a raise
// that came sooner. A day that goes beyond the days before is expected to go on by as far again in
// proportion to them, in steps of about a sixteenth. Where those days were higher too, it goes
// beyond them by less in proportion, which may be a step less: (16/17)^2.5 = 0.86 times as much at
// worst. In these lives nothing else is lower, and no request.
TEST_CASE(
    "Advice: for 40 MiB more at every reading it is no lower, but for the step of a new peak") {
  for (const bool guarded : {false, true}) {
    for (std::uint32_t seed = 0; seed < kWorlds; ++seed) {
      Question question{.now = RandomWorld(seed).end};
      question.guard.active = guarded;
      question.current = {.request = 100_MiB, .limit = 200_MiB};
      const Recommendation low = Recommend(Lived(RandomWorld(seed)), question);
      const Recommendation high = Recommend(Lived(RandomWorld(seed, 1, 40 << 20)), question);
      CAPTURE(guarded);
      CAPTURE(seed);
      CHECK(*high.limit >= *low.limit * Ratio(Outdone(low) ? 0.86 : 1));
      CHECK(*high.request >= *low.request);
    }
  }
}

TEST_CASE("Advice: readings out of all bounds are refused and change nothing") {
  history::ContainerHistory history;
  ReadDays(history, 0, 5, 100_MiB);
  const history::ContainerHistory before = history;
  const TimePoint at = kMonday + 5 * 24h;
  for (const Bytes absurd : {Bytes(-1), Bytes::Max(), Bytes(std::int64_t{1} << 60)}) {
    CHECK(history.Observe("pod-1", Digest({.at = at, .hard = absurd})) ==
          history::Intake::kImplausible);
  }
  CHECK(history.Observe("pod-1", Digest({.at = TimePoint{}, .hard = 1_MiB})) ==
        history::Intake::kImplausible);
  CHECK(history == before);
}

TEST_CASE("Advice: a clock far ahead is believed only when another reading confirms it") {
  history::ContainerHistory history;
  ReadDays(history, 0, 20, 100_MiB);
  const TimePoint far = kMonday + 4000 * 24h;
  CHECK(history.Observe("pod-1", Digest({.at = far, .hard = 1_MiB})) == history::Intake::kFarAhead);
  Read(history, kMonday + 20 * 24h, 100_MiB);
  CHECK(RecommendNumbers(history, {.now = kMonday + 20 * 24h}).limit >= 100_MiB);
  CHECK(history.Observe("pod-1", Digest({.at = far, .hard = 1_MiB})) == history::Intake::kFarAhead);
  CHECK(history.Observe("pod-1", Digest({.at = far + 1min, .hard = 1_MiB})) ==
        history::Intake::kTaken);
}

}  // namespace
}  // namespace plimsoll::recommend
