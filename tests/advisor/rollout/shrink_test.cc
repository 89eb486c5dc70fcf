// SPDX-License-Identifier: Apache-2.0
#include "tests/advisor/rollout/fixture.h"

#include <doctest/doctest.h>

namespace plimsoll::rollout {
namespace {

Decision Decide(const WorkloadState& state, const Progress& progress = {}) {
  return NextSteps(APlan(128_MiB, 160_MiB), state, progress, kNow);
}

TEST_CASE("NextSteps: a cut is at most 15 % of the limit and one pod goes first") {
  const WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB), APod("b", 512_MiB, 512_MiB)});

  const Decision decision = Decide(state);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].pod_name == "a");
  CHECK(decision.steps[0].intent == Intent::kShrink);
  CHECK(decision.steps[0].resizes[0].limit == 436_MiB);
}

TEST_CASE("NextSteps: the others follow a cut after the bake, to the same value") {
  WorkloadState state = AWorkload({APod("a", 436_MiB, 436_MiB), APod("b", 512_MiB, 512_MiB)});
  Progress progress;
  progress.pods["uid-a"].cut = kNow - 5min;

  const Decision baking = Decide(state, progress);
  CHECK(baking.steps.empty());
  REQUIRE(baking.look_again);
  CHECK(*baking.look_again == 5min);

  progress.pods["uid-a"].cut = kNow - 11min;
  const Decision following = Decide(state, progress);
  REQUIRE(following.steps.size() == 1);
  CHECK(following.steps[0].pod_name == "b");
  CHECK(following.steps[0].resizes[0].limit == 436_MiB);
}

TEST_CASE("NextSteps: no cut while usage is above 90 % of the next limit") {
  WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB)});
  App(state.pods[0]).reading->usage = 400_MiB;  // 436 * 0.9 = 392

  const Decision decision = Decide(state);

  CHECK(decision.steps.empty());
  CHECK(decision.reason.code == "WaitingForUsage");
  CHECK(decision.look_again.has_value());
}

TEST_CASE("NextSteps: no cut while the hour's peak is above 95 % of the next limit") {
  WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB)});
  App(state.pods[0]).reading->hard_peak_hour = 420_MiB;  // 436 * 0.95 = 414

  CHECK(Decide(state).reason.code == "WaitingForUsage");
}

TEST_CASE("NextSteps: no cut by a reading from ahead of our time: its clock was set back since") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 512_MiB)});
  App(state.pods[0]).reading->time = kNow + 6min;
  const Decision decision = NextSteps(APlan(64_MiB, 256_MiB), state, {}, kNow);
  CHECK(decision.steps.empty());
  CHECK(decision.reason.code == "TelemetryStale");
}

TEST_CASE("NextSteps: no cut under pressure, with stale readings, or without the advisor's leave") {
  WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB)});

  App(state.pods[0]).reading->pressure = true;
  CHECK(Decide(state).reason.code == "WaitingForUsage");

  App(state.pods[0]).reading->pressure = false;
  App(state.pods[0]).reading->time = kNow - 5min;
  CHECK(Decide(state).reason.code == "TelemetryStale");

  App(state.pods[0]).reading->time = kNow;
  Plan plan = APlan(128_MiB, 160_MiB);
  plan.targets[0].may_shrink = false;
  CHECK(NextSteps(plan, state, {}, kNow).reason.code == "InsufficientData");
}

TEST_CASE("NextSteps: between two cuts of a pod, and after a raise, lies the cooldown") {
  const WorkloadState state = AWorkload({APod("a", 436_MiB, 436_MiB)});
  Progress progress;

  progress.pods["uid-a"].cut = kNow - 9min;
  const Decision cooling = Decide(state, progress);
  CHECK(cooling.reason.code == "WaitingForCooldown");
  CHECK(cooling.look_again == 1min);

  progress.pods["uid-a"].cut = kNow - 11min;
  progress.last_raise["app"] = kNow - 1min;
  CHECK(Decide(state, progress).reason.code == "WaitingForCooldown");

  progress.last_raise["app"] = kNow - 11min;
  CHECK(Decide(state, progress).steps.size() == 1);
}

Plan AClosedPlan(Bytes request, Bytes limit) {
  Plan plan = APlan(request, limit);
  plan.closed = Closed{.message = "the next opens Mon 09:00 UTC", .opens_in = 17h};
  return plan;
}

TEST_CASE("NextSteps: outside the policy's windows neither a limit nor a request is lowered") {
  const WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB)});

  const Decision closed = NextSteps(AClosedPlan(128_MiB, 160_MiB), state, {}, kNow);
  CHECK(closed.steps.empty());
  CHECK_FALSE(closed.settled);
  CHECK(closed.reason.code == "OutsideWindow");
  CHECK(closed.reason.message == "the next opens Mon 09:00 UTC");
  CHECK(closed.look_again == 17h);

  const Decision request = NextSteps(AClosedPlan(128_MiB, 512_MiB), state, {}, kNow);
  CHECK(request.steps.empty());
  CHECK(request.reason.code == "OutsideWindow");
  CHECK(NextSteps(APlan(128_MiB, 512_MiB), state, {}, kNow).steps.size() == 1);

  // With nothing to take away there is nothing to wait for.
  CHECK(NextSteps(AClosedPlan(512_MiB, 512_MiB), state, {}, kNow).settled);
}

TEST_CASE("NextSteps: outside the windows memory is given, and a cut that hurt is taken back") {
  WorkloadState state = AWorkload({APod("a", 436_MiB, 436_MiB)});
  const Decision grow = NextSteps(AClosedPlan(512_MiB, 512_MiB), state, {}, kNow);
  REQUIRE(grow.steps.size() == 1);
  CHECK(grow.steps[0].resizes[0].limit == 512_MiB);

  Progress progress;
  progress.last_cut["app"] = {.time = kNow - 5min, .from = 512_MiB, .to = 436_MiB};
  state.last_oom["app"] = {.time = kNow - 1s, .limit = 436_MiB};
  const Decision back = NextSteps(AClosedPlan(128_MiB, 160_MiB), state, progress, kNow);
  REQUIRE(back.steps.size() == 1);
  CHECK(back.steps[0].intent == Intent::kRollback);
  CHECK(back.steps[0].resizes[0].limit == 512_MiB);
}

TEST_CASE("NextSteps: a 1.33 server grows in place but is never asked to shrink") {
  Plan plan = APlan(128_MiB, 160_MiB);
  plan.capability = {.grow = true, .shrink = false};

  const Decision decision = NextSteps(plan, AWorkload({APod("a", 512_MiB, 512_MiB)}), {}, kNow);

  CHECK(decision.steps.empty());
  CHECK(decision.reason.code == "ResizeUnsupported");
}

TEST_CASE("NextSteps: a kill soon after a cut takes the cut back and holds further ones") {
  WorkloadState state = AWorkload({APod("a", 436_MiB, 436_MiB)});
  Progress progress;
  progress.last_cut["app"] = {.time = kNow - 5min, .from = 512_MiB, .to = 436_MiB};
  progress.last_raise["app"] = kNow - 24h;
  state.last_oom["app"] = {.time = kNow - 1s, .limit = 436_MiB};

  const Decision decision = Decide(state, progress);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].intent == Intent::kRollback);
  CHECK(decision.steps[0].resizes[0].limit == 512_MiB);

  const Rules rules;
  Progress after = Recorded(progress, decision.steps[0], rules, kNow, kNow);
  CHECK(after.hold_until == kNow + 24h);
  Actuate(state.pods[0], decision.steps[0]);
  CHECK(NextSteps(APlan(128_MiB, 160_MiB), state, after, kNow + 1h).steps.empty());

  // A second rollback holds for twice as long.
  after = Recorded(after, decision.steps[0], rules, kNow + 25h, kNow + 25h);
  CHECK(after.hold_until == kNow + 25h + 48h);
}

TEST_CASE("NextSteps: step by step to the target and never below it") {
  WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB)});
  App(state.pods[0]).reading->usage = 40_MiB;
  App(state.pods[0]).reading->hard_peak_hour = 60_MiB;
  Bytes last = 512_MiB;
  int steps = 0;

  for (Decision decision = Decide(state); !decision.steps.empty(); decision = Decide(state)) {
    REQUIRE(++steps < 20);
    Actuate(state.pods[0], decision.steps[0]);
    const Bytes limit = *App(state.pods[0]).spec.limit;
    CHECK(limit <= last);
    CHECK(limit >= last * Ratio(0.85));
    CHECK(limit >= 160_MiB);
    last = limit;
  }

  CHECK(last <= 160_MiB * Ratio(1.06));
}

}  // namespace
}  // namespace plimsoll::rollout
