// SPDX-License-Identifier: Apache-2.0
//
// KRR, Autopilot and Crane by hand-computed numbers.
#include <doctest/doctest.h>

#include <initializer_list>

#include "advisor/replay/baselines/autopilot.h"
#include "advisor/replay/baselines/crane.h"
#include "advisor/replay/baselines/krr.h"
#include "advisor/replay/baselines/vpa_engine.h"

namespace plimsoll::replay {
namespace {

using namespace literals;
using std::chrono::minutes;

constexpr TimePoint kStart{Duration(1'790'035'200'000)};

Situation At(TimePoint now) { return {.now = now, .in_force = {1_GiB, 1_GiB}}; }

model::OomEvent Kill(TimePoint time) {
  model::OomEvent event;
  event.time = time;
  event.kind = model::OomKind::kContainerOom;
  return event;
}

TimePoint PollFlat(Engine& engine, TimePoint from, int count, Bytes bytes) {
  for (int i = 0; i < count; ++i) engine.Poll("p", from + minutes(i), bytes);
  return from + minutes(count);
}

TEST_CASE("KRR: 15 % over the highest of 14 days, nothing under 100 points") {
  KrrEngine engine;
  const auto early = PollFlat(engine, kStart, 99, 500_MiB);
  CHECK_FALSE(engine.Advise(At(early)).limit);
  const auto later = PollFlat(engine, early, 1, 500_MiB);
  CHECK(engine.Advise(At(later)).limit == 575_MiB);
  engine.Poll("p", later, 1000_MiB);
  const auto after = PollFlat(engine, later + minutes(1), 14 * 1440 + 1, 500_MiB);
  CHECK(engine.Advise(At(after)).limit == 575_MiB);
}

TEST_CASE("Rivals: without a number they say what is missing, and what to add") {
  const auto why = [](Engine& engine, TimePoint now) {
    const auto answer = engine.Advise(At(now));
    CHECK_FALSE(answer.limit);
    CHECK(answer.verdict == recommend::Verdict::kInsufficientData);
    REQUIRE(answer.reasons.size() == 1);
    CHECK(answer.reasons[0].code == "NoData");
    return answer.reasons[0].message;
  };
  const std::string missing =
      " reads working sets, and none was told; add working_set to the digests";
  VpaEngine vpa(Bytes(0));
  CraneEngine crane;
  KrrEngine krr;
  AutopilotEngine autopilot(AutopilotStatistic::kMax);
  CHECK(why(vpa, kStart) == "VPA" + missing);
  CHECK(why(crane, kStart) == "Crane" + missing);
  CHECK(why(krr, kStart) == "KRR" + missing);
  CHECK(why(autopilot, kStart) ==
        "Autopilot reads peaks, and none was told; add hard_peak or working_set to the digests");
  const auto early = PollFlat(krr, kStart, 12, 500_MiB);
  CHECK(why(krr, early).starts_with("KRR answers from 100 working sets on, and was told 12; "));
  const auto later = PollFlat(krr, early, 100, 500_MiB);
  CHECK(krr.Advise(At(later)).reasons.empty());
  CHECK(why(krr, later + minutes(15 * 1440)).starts_with("KRR reads 14 days, and no working set"));
}

TEST_CASE("Rivals: the verdict is about what is in force, as ours is") {
  VpaEngine vpa(Bytes(0));
  KrrEngine krr;
  CraneEngine crane;
  AutopilotEngine autopilot(AutopilotStatistic::kMax);
  for (Engine* engine : std::initializer_list<Engine*>{&vpa, &krr, &crane, &autopilot}) {
    const auto now = PollFlat(*engine, kStart, 1440, 500_MiB);
    const Bytes wanted = *engine->Advise(At(now)).limit;
    const auto verdict = [&](std::optional<Bytes> in_force) {
      Situation situation = At(now);
      situation.in_force = {.request = in_force, .limit = in_force};
      return engine->Advise(situation).verdict;
    };
    CHECK(verdict(wanted) == recommend::Verdict::kRightSized);
    CHECK(verdict(wanted * Ratio(0.5)) == recommend::Verdict::kUnderProvisioned);
    CHECK(verdict(wanted * Ratio(2.0)) == recommend::Verdict::kOverProvisioned);
    CHECK(verdict(std::nullopt) == recommend::Verdict::kUnderProvisioned);  // nothing is kept free
  }
}

TEST_CASE("KRR: a kill asks for 1.25 times its limit, and only the next scan answers it") {
  KrrEngine engine;
  const auto now = PollFlat(engine, kStart, 200, 500_MiB);
  CHECK(engine.Act(At(now)) == Resources{575_MiB, 575_MiB});
  engine.Observe("p", Kill(now), {600_MiB, 600_MiB});
  CHECK_FALSE(engine.Act(At(now + minutes(1))));
  CHECK(engine.Act(At(now + minutes(1440))) == Resources{750_MiB, 750_MiB});
}

TEST_CASE("Crane: the end of a bucket of 100 MiB plus 15 %") {
  CraneEngine engine;
  const auto now = PollFlat(engine, kStart, 1440, 500_MiB);
  CHECK(engine.Advise(At(now)).limit == 690_MiB);
  engine.Observe("p", Kill(now), {690_MiB, 690_MiB});
  CHECK(engine.Advise(At(now)).limit == 690_MiB * Ratio(1.2));
  CHECK(engine.Advise(At(now + minutes(8 * 1440))).limit == 690_MiB);
}

TEST_CASE("Autopilot: maximum and 98th percentile differ on a short spike") {
  AutopilotEngine highest(AutopilotStatistic::kMax);
  AutopilotEngine usual(AutopilotStatistic::kP98);
  TimePoint now = kStart;
  for (AutopilotEngine* engine : {&highest, &usual}) {
    now = PollFlat(*engine, kStart, 1000, 500_MiB);
    engine->Poll("p", now, 1000_MiB);
    now = PollFlat(*engine, now + minutes(5), 1000, 500_MiB);
  }
  CHECK(highest.Advise(At(now)).limit == 1120_MiB);
  CHECK(usual.Advise(At(now)).limit == 560_MiB);
}

TEST_CASE("Autopilot: the highest recommendation of the last hour holds") {
  AutopilotEngine engine(AutopilotStatistic::kMax);
  const auto now = PollFlat(engine, kStart, 10, 500_MiB);
  CHECK(engine.Advise(At(now)).limit == 560_MiB);
  const auto week = now + minutes(7 * 1440 + 30);
  engine.Poll("p", week, 100_MiB);
  CHECK(engine.Advise(At(week)).limit == 112_MiB);
  engine.Poll("p", week + minutes(10), 200_MiB);
  CHECK(engine.Advise(At(week + minutes(10))).limit == 224_MiB);
}

}  // namespace
}  // namespace plimsoll::replay
