// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/tune.h"

#include <doctest/doctest.h>

#include "advisor/rollout/unanswered.h"
#include "tests/advisor/rollout/fixture.h"

namespace plimsoll::rollout {
namespace {

constexpr double kMiB = 1024 * 1024;

// GOMEMLIMIT is 90 % of the limit at every limit.
Plan AGoPlan(Bytes limit) {
  Plan plan = APlan(limit, limit);
  plan.targets[0].settings.push_back({.name = "GOMEMLIMIT",
                                      .delivery = recommend::Delivery::kLive,
                                      .recommended = limit.AsDouble() * 0.9,
                                      .unit = "bytes"});
  return plan;
}

WorkloadState AGoWorkload(Bytes limit, double gomemlimit) {
  WorkloadState state = AWorkload({APod("a", limit, limit)});
  App(state.pods[0]).runtime =
      RuntimeState{.accepts_tuning = true, .settings = {{"GOMEMLIMIT", gomemlimit}}};
  return state;
}

TEST_CASE("NextSteps: growing, the limit goes first and the runtime follows in the kernel's wake") {
  WorkloadState state = AGoWorkload(256_MiB, 230.4 * kMiB);
  const Plan plan = AGoPlan(512_MiB);

  const Decision limit = NextSteps(plan, state, {}, kNow);
  REQUIRE(limit.steps.size() == 1);
  CHECK(limit.steps[0].kind == StepKind::kResize);

  // Asked for but not in force: the runtime must not believe in it yet.
  App(state.pods[0]).spec = {512_MiB, 512_MiB};
  CHECK(NextSteps(plan, state, {}, kNow).steps.empty());

  Actuate(state.pods[0], limit.steps[0]);
  const Decision tune = NextSteps(plan, state, {}, kNow);
  REQUIRE(tune.steps.size() == 1);
  CHECK(tune.steps[0].kind == StepKind::kTune);
  CHECK(tune.steps[0].settings[0].number == doctest::Approx(460.8 * kMiB));
}

TEST_CASE("NextSteps: shrinking, the runtime goes first, then usage falls, then the limit") {
  WorkloadState state = AGoWorkload(512_MiB, 460.8 * kMiB);
  App(state.pods[0]).reading->usage = 420_MiB;
  const Plan plan = AGoPlan(256_MiB);

  const Decision tune = NextSteps(plan, state, {}, kNow);
  REQUIRE(tune.steps.size() == 1);
  CHECK(tune.steps[0].kind == StepKind::kTune);
  CHECK(tune.steps[0].settings[0].number == doctest::Approx(436 * 0.9 * kMiB));

  App(state.pods[0]).runtime->settings["GOMEMLIMIT"] = tune.steps[0].settings[0].number;
  const Decision waiting = NextSteps(plan, state, {}, kNow);
  CHECK(waiting.steps.empty());
  CHECK(waiting.reason.code == "WaitingForUsage");

  App(state.pods[0]).reading->usage = 300_MiB;
  const Decision cut = NextSteps(plan, state, {}, kNow);
  REQUIRE(cut.steps.size() == 1);
  CHECK(cut.steps[0].kind == StepKind::kResize);
  CHECK(cut.steps[0].resizes[0].limit == 436_MiB);
}

TEST_CASE("NextSteps: outside the windows no runtime is made ready for a cut") {
  const WorkloadState state = AGoWorkload(512_MiB, 460.8 * kMiB);
  Plan plan = AGoPlan(256_MiB);
  REQUIRE(NextSteps(plan, state, {}, kNow).steps.size() == 1);

  plan.closed.emplace();
  CHECK(NextSteps(plan, state, {}, kNow).steps.empty());
}

TEST_CASE("NextSteps: where a setting is the user's own the limit moves alone, and it is told") {
  WorkloadState state = AGoWorkload(256_MiB, 100 * kMiB);
  RuntimeState& runtime = *App(state.pods[0]).runtime;
  runtime.accepts_tuning = false;
  runtime.set_by_user = "GOMEMLIMIT";
  Plan plan = AGoPlan(512_MiB);
  plan.targets[0].settings[0].delivery = recommend::Delivery::kEnv;

  const Decision grow = NextSteps(plan, state, {}, kNow);
  REQUIRE(grow.steps.size() == 1);
  CHECK(grow.steps[0].kind == StepKind::kResize);
  Actuate(state.pods[0], grow.steps[0]);

  const Decision told = NextSteps(plan, state, {}, kNow);
  CHECK(told.steps.empty());
  CHECK_FALSE(told.settled);
  CHECK(told.reason.code == "SettingOwnedByUser");
  CHECK(told.reason.message.find("set GOMEMLIMIT=460MiB") != std::string::npos);

  SUBCASE("not where it is as advised, within 5 %") {
    runtime.settings["GOMEMLIMIT"] = 445 * kMiB;
    CHECK(NextSteps(plan, state, {}, kNow).settled);
  }
  SUBCASE("nor where the policy leaves the runtime to the user") {
    plan.targets[0].settings[0].delivery = recommend::Delivery::kAdvice;
    CHECK(NextSteps(plan, state, {}, kNow).settled);
  }
}

TEST_CASE("NextSteps: no limit is cut below a GOMEMLIMIT that is not ours to lower") {
  WorkloadState state = AGoWorkload(512_MiB, 480 * kMiB);
  RuntimeState& runtime = *App(state.pods[0]).runtime;
  Plan plan = AGoPlan(128_MiB);
  recommend::Setting& setting = plan.targets[0].settings[0];
  SUBCASE("from the environment") {
    runtime.accepts_tuning = false;
    runtime.set_by_user = "GOMEMLIMIT";
    // As advised for another pod of the workload that has none there, or for this one.
    SUBCASE("") {}
    SUBCASE("") { setting.delivery = recommend::Delivery::kEnv; }
  }
  SUBCASE("of a program that allows no tuning") {
    runtime.accepts_tuning = false;
    setting.delivery = recommend::Delivery::kEnv;
  }
  SUBCASE("where the policy leaves the runtime to the user") {
    setting.delivery = recommend::Delivery::kAdvice;
  }
  const Decision held = NextSteps(plan, state, {}, kNow);
  CHECK(held.steps.empty());
  CHECK_FALSE(held.settled);
  CHECK(held.reason.code == "SettingOwnedByUser");
  CHECK(held.reason.message.find("is 480MiB, above the next limit of 436MiB") != std::string::npos);

  runtime.settings["GOMEMLIMIT"] = 120 * kMiB;
  const Decision cut = NextSteps(plan, state, {}, kNow);
  REQUIRE(cut.steps.size() == 1);
  CHECK(cut.steps[0].intent == Intent::kShrink);
}

TEST_CASE("NextSteps: a runtime that does not accept tuning is left alone") {
  WorkloadState state = AGoWorkload(512_MiB, 100 * kMiB);
  App(state.pods[0]).runtime->accepts_tuning = false;

  CHECK(NextSteps(AGoPlan(512_MiB), state, {}, kNow).settled);
}

TEST_CASE("NextSteps: a refused Tune is not repeated until the hold ends") {
  const WorkloadState state = AGoWorkload(512_MiB, 100 * kMiB);
  const Plan plan = AGoPlan(512_MiB);
  const Decision first = NextSteps(plan, state, {}, kNow);
  REQUIRE(first.steps.size() == 1);

  const Progress refused =
      RecordedRefusal({}, first.steps[0], {"TuneRefused", "it is the user's own"}, kNow);

  const Decision held = NextSteps(plan, state, refused, kNow + 1min);
  CHECK(held.steps.empty());
  CHECK_FALSE(held.settled);
  CHECK(held.reason.code == "TuneRefused");
  CHECK(held.reason.message.find("it is the user's own") != std::string::npos);
  const Decision again = NextSteps(plan, state, refused, kNow + 11min);
  CHECK(again.steps.size() == 1);
  CHECK(again.reason.message == held.reason.message);  // until it has answered anew

  const Progress taken = Recorded(refused, again.steps[0], {}, kNow + 11min, kNow + 11min);
  CHECK(NextSteps(plan, state, taken, kNow + 12min).reason.code != "TuneRefused");
}

TEST_CASE("NextSteps: who refused settings is sent others after half a minute, not the same ones") {
  WorkloadState state = AGoWorkload(256_MiB, 1000 * kMiB);
  const Decision first = NextSteps(AGoPlan(256_MiB), state, {}, kNow);
  REQUIRE(first.steps.size() == 1);
  const Progress refused =
      RecordedRefusal({}, first.steps[0], {"TuneRefused", "too little for a heap that grew"}, kNow);

  // The limit went up meanwhile, and what belongs to it with it.
  const auto runs_at = [&](Bytes limit) { state = AGoWorkload(limit, 1000 * kMiB); };
  runs_at(512_MiB);
  CHECK(NextSteps(AGoPlan(512_MiB), state, refused, kNow + 29s).steps.empty());
  const Decision raised = NextSteps(AGoPlan(512_MiB), state, refused, kNow + 31s);
  REQUIRE(raised.steps.size() == 1);
  CHECK(raised.steps[0].settings[0].number > 1.9 * first.steps[0].settings[0].number);
  // Next to the same is the same: 525 MiB is 2.5 % above 512.
  const Progress again = RecordedRefusal({}, raised.steps[0], {"TuneRefused", "no"}, kNow);
  runs_at(525_MiB);
  CHECK(NextSteps(AGoPlan(525_MiB), state, again, kNow + 5min).steps.empty());
}

TEST_CASE("NextSteps: what other settings are is not the user's least change of a limit") {
  for (const double least : {0.0, 1.0}) {
    CAPTURE(least);
    Plan before = AGoPlan(256_MiB);
    Plan after = AGoPlan(512_MiB);
    before.rules.min_change = after.rules.min_change = Ratio(least);
    const Decision first = NextSteps(before, AGoWorkload(256_MiB, 1000 * kMiB), {}, kNow);
    REQUIRE(first.steps.size() == 1);
    const Progress refused = RecordedRefusal({}, first.steps[0], {"TuneRefused", "not that"}, kNow);

    CHECK(NextSteps(after, AGoWorkload(512_MiB, 1000 * kMiB), refused, kNow + 31s).steps.size() ==
          1);
    Plan next_to = AGoPlan(257_MiB);
    next_to.rules.min_change = Ratio(least);
    CHECK(NextSteps(next_to, AGoWorkload(257_MiB, 1000 * kMiB), refused, kNow + 31s).steps.empty());
  }
}

TEST_CASE("NextSteps: what one run refused is asked of the next") {
  WorkloadState state = AGoWorkload(512_MiB, 100 * kMiB);
  const Plan plan = AGoPlan(512_MiB);
  const Decision first = NextSteps(plan, state, {}, kNow);
  REQUIRE(first.steps.size() == 1);
  const Progress refused = RecordedRefusal({}, first.steps[0], {"TuneRefused", "no"}, kNow);

  App(state.pods[0]).instance = "another run";
  const Decision next = NextSteps(plan, state, refused, kNow + 1min);
  CHECK(next.steps.size() == 1);
  CHECK(next.reason.code == "RuntimeFollowsLimit");
}

TEST_CASE("NextSteps: a runtime that is being tuned is neither tuned nor cut, but raised") {
  WorkloadState state = AGoWorkload(512_MiB, 100 * kMiB);
  App(state.pods[0]).tuning = true;

  const Decision same = NextSteps(AGoPlan(512_MiB), state, {}, kNow);
  CHECK(same.steps.empty());
  CHECK_FALSE(same.settled);
  CHECK(same.reason.code == "RuntimeFollowsLimit");
  CHECK(NextSteps(AGoPlan(256_MiB), state, {}, kNow).steps.empty());
  const Decision more = NextSteps(AGoPlan(700_MiB), state, {}, kNow);
  REQUIRE(more.steps.size() == 1);
  CHECK(more.steps[0].kind == StepKind::kResize);
}

TEST_CASE("NextSteps: a Tune without an answer is sent again after half a minute") {
  const WorkloadState state = AGoWorkload(512_MiB, 100 * kMiB);
  const Plan plan = AGoPlan(512_MiB);
  const Decision first = NextSteps(plan, state, {}, kNow);
  REQUIRE(first.steps.size() == 1);

  const Progress sent =
      RecordedUnanswered({}, {.step = first.steps[0], .sent = kNow, .why = "too slow"});

  const Decision waiting = NextSteps(plan, state, sent, kNow + 20s);
  CHECK(waiting.steps.empty());
  CHECK(waiting.reason.message.find("too slow") != std::string::npos);
  CHECK(NextSteps(plan, state, sent, kNow + 31s).steps.size() == 1);
}

TEST_CASE("CatchUp: a Tune without an answer was taken when the stats show it") {
  WorkloadState state = AGoWorkload(512_MiB, 100 * kMiB);
  const Decision first = NextSteps(AGoPlan(512_MiB), state, {}, kNow);
  REQUIRE(first.steps.size() == 1);
  const Progress sent =
      RecordedUnanswered({}, {.step = first.steps[0], .sent = kNow, .why = "too slow"});
  CHECK(CatchUp(sent, state, {}).done.empty());

  App(state.pods[0]).runtime->settings["GOMEMLIMIT"] = first.steps[0].settings[0].number;
  const CaughtUp seen = CatchUp(sent, state, {});
  REQUIRE(seen.done.size() == 1);
  CHECK(seen.done[0].step.kind == StepKind::kTune);
  CHECK(CatchUp(seen.progress, state, {}).done.empty());

  App(state.pods[0]).tuning = true;  // sent again: that answer will tell
  CHECK(CatchUp(sent, state, {}).done.empty());
  App(state.pods[0]).tuning = false;
  App(state.pods[0]).instance = "another run";
  CHECK(CatchUp(sent, state, {}).done.empty());
}

TEST_CASE("SettingsFor: a setting that was never set is set, one within 2 % is left") {
  WorkloadState state = AGoWorkload(512_MiB, 455 * kMiB);
  const Plan plan = AGoPlan(512_MiB);
  CHECK(NextSteps(plan, state, {}, kNow).settled);

  App(state.pods[0]).runtime->settings.clear();
  CHECK(NextSteps(plan, state, {}, kNow).steps.size() == 1);
}

}  // namespace
}  // namespace plimsoll::rollout
