// SPDX-License-Identifier: Apache-2.0
#include "tests/advisor/rollout/fixture.h"

#include <doctest/doctest.h>

namespace plimsoll::rollout {
namespace {

// A raise to 1 GiB was asked for 90 s ago and the node has no room for the request.
struct Refused {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 256_MiB)});
  Progress progress;

  explicit Refused(ResizeStatus status, Duration ago) {
    PodState& pod = state.pods[0];
    pod.resize = status;
    pod.resize_since = kNow - ago;
    pod.resize_message = "Node didn't have enough resource: memory";
    App(pod).spec = {1_GiB, 2_GiB};
    progress.pods[pod.uid].patched = kNow - ago;
    progress.pods[pod.uid].wrote["app"] = {1_GiB, 2_GiB};
  }
  Decision Decide() const { return NextSteps(APlan(1_GiB, 2_GiB), state, progress, kNow); }
};

TEST_CASE("NextSteps: a Deferred resize is given a minute, then its request is taken back") {
  Refused alone(ResizeStatus::kDeferred, 20s);  // nothing is held back by it
  App(alone.state.pods[0]).spec.limit = 256_MiB;
  alone.progress.pods["uid-a"].wrote["app"].limit.reset();
  const Decision waiting = alone.Decide();
  CHECK(waiting.steps.empty());
  CHECK(waiting.reason.code == "ResizeDeferred");
  CHECK(waiting.look_again == 40s);

  const Decision given_up = Refused(ResizeStatus::kDeferred, 61s).Decide();
  REQUIRE(given_up.steps.size() == 1);
  CHECK(given_up.steps[0].intent == Intent::kRevert);
  CHECK(given_up.steps[0].resizes[0].request == 128_MiB);
  // A limit needs no capacity: the larger one stays.
  CHECK_FALSE(given_up.steps[0].resizes[0].limit.has_value());
}

TEST_CASE("NextSteps: a Deferred request that holds a larger limit back is taken back at once") {
  const Decision decision = Refused(ResizeStatus::kDeferred, 1s).Decide();
  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].resizes[0].request == 128_MiB);
  CHECK_FALSE(decision.steps[0].resizes[0].limit.has_value());
}

TEST_CASE("NextSteps: what a rollback taught is held for its hold, and no longer") {
  Plan plan = APlan(128_MiB, 256_MiB);
  Progress progress;
  progress.last_cut["app"] = {.time = kNow - 30h, .from = 512_MiB, .to = 436_MiB};
  WorkloadState state = AWorkload({APod("a", 128_MiB, 512_MiB)});
  state.last_oom["app"] = {.time = kNow - 30h + 1min, .limit = 436_MiB};
  progress.last_raise["app"] = kNow - 30h + 1min;
  progress.hold_until = kNow + 1h;
  CHECK(NextSteps(plan, state, progress, kNow).reason.code == "RolledBack");
  CHECK(NextSteps(plan, state, progress, kNow).steps.empty());

  progress.hold_until = kNow - 1s;
  const Decision after = NextSteps(plan, state, progress, kNow);
  REQUIRE(after.steps.size() == 1);
  CHECK(after.steps[0].intent == Intent::kShrink);
}

TEST_CASE("NextSteps: an Infeasible resize of a Guaranteed pod is taken back whole and at once") {
  Refused refused(ResizeStatus::kInfeasible, 1s);
  refused.state.pods[0].guaranteed = true;

  const Decision decision = refused.Decide();

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].resizes[0].request == 128_MiB);
  CHECK(decision.steps[0].resizes[0].limit == 256_MiB);
  CHECK(decision.reason.code == "ResizeInfeasible");
  CHECK(decision.reason.message.find("enough resource") != std::string::npos);
}

TEST_CASE("NextSteps: a pending resize of somebody else is left alone") {
  Refused refused(ResizeStatus::kDeferred, 10min);
  refused.progress.pods.clear();
  App(refused.state.pods[0]).spec.request = 900_MiB;

  CHECK(refused.Decide().steps.empty());
}

TEST_CASE("NextSteps: a pending resize to what is advised is ours, though a restart forgot it") {
  Refused refused(ResizeStatus::kDeferred, 10min);
  refused.progress.pods.clear();

  const Decision decision = refused.Decide();
  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].intent == Intent::kRevert);
  CHECK(decision.steps[0].resizes[0].request == 128_MiB);
}

TEST_CASE("NextSteps: what a restart forgot is known by the request that we would ask for") {
  const auto taken_back = [](Bytes advised, Bytes advised_limit, model::CurrentResources spec) {
    Refused refused(ResizeStatus::kDeferred, 10min);
    refused.progress.pods.clear();
    App(refused.state.pods[0]).spec = spec;
    const Decision decision =
        NextSteps(APlan(advised, advised_limit), refused.state, refused.progress, kNow);
    return !decision.steps.empty() && decision.steps[0].intent == Intent::kRevert;
  };
  // A Burstable pod's request is never newly equal to its limit.
  CHECK(taken_back(2_GiB, 2_GiB, {2047_MiB, 2_GiB}));
  // Its limit was above the advice, or too near to it, and was left.
  CHECK(taken_back(1_GiB, 1536_MiB, {1_GiB, 2_GiB}));
  CHECK(taken_back(1_GiB, 2050_MiB, {1_GiB, 2_GiB}));
  CHECK_FALSE(taken_back(1_GiB, 2_GiB, {900_MiB, 2_GiB}));
}

TEST_CASE("NextSteps: somebody else's Deferred request gives way to a kill, and only to that") {
  Plan plan = APlan(200_MiB, 512_MiB);
  WorkloadState state = AWorkload({APod("a", 128_MiB, 256_MiB)});
  PodState& pod = state.pods[0];
  pod.resize = ResizeStatus::kDeferred;
  pod.resize_since = kNow - 10min;
  App(pod).spec.request = 255_MiB;
  CHECK(NextSteps(plan, state, {}, kNow).steps.empty());

  state.last_oom["app"] = {.time = kNow - 2s, .limit = 256_MiB};
  const Decision freed = NextSteps(plan, state, {}, kNow);
  REQUIRE(freed.steps.size() == 1);
  CHECK(freed.steps[0].intent == Intent::kRevert);
  CHECK(freed.steps[0].resizes[0].request == 128_MiB);
  CHECK_FALSE(freed.steps[0].resizes[0].limit);
  CHECK(freed.reason.code == "ResizeDeferred");
  CHECK(freed.reason.message.find("did not ask for it") != std::string::npos);

  // Then the limit goes up alone, and that answers the kill: who asks again is left alone again.
  Progress progress = Recorded({}, freed.steps[0], plan.rules, kNow, kNow);
  Actuate(pod, freed.steps[0]);
  pod.resize = ResizeStatus::kNone;
  const Decision raised = NextSteps(plan, state, progress, kNow + 2s);
  REQUIRE(raised.steps.size() == 1);
  CHECK(raised.steps[0].resizes[0].limit == 512_MiB);
  CHECK_FALSE(raised.steps[0].resizes[0].request);
  progress = Recorded(progress, raised.steps[0], plan.rules, kNow + 2s, kNow + 2s);
  Actuate(pod, raised.steps[0]);
  pod.resize = ResizeStatus::kDeferred;
  App(pod).spec.request = 255_MiB;
  CHECK(NextSteps(plan, state, progress, kNow + 10s).steps.empty());
}

TEST_CASE("NextSteps: a request that is the user's to write stays, whatever it holds up") {
  Plan plan = APlan(200_MiB, 512_MiB);
  WorkloadState state = AWorkload({APod("a", 128_MiB, 256_MiB)});
  state.pods[0].resize = ResizeStatus::kDeferred;
  App(state.pods[0]).spec.request = 255_MiB;
  state.last_oom["app"] = {.time = kNow - 2s, .limit = 256_MiB};
  plan.targets[0].request.reset();  // controlled: LimitsOnly
  const Decision decision = NextSteps(plan, state, {}, kNow);
  CHECK(decision.steps.empty());
  CHECK(decision.reason.code == "ResizeDeferred");
}

TEST_CASE("NextSteps: a rollback stays below the policy's maximum") {
  Plan plan = APlan(128_MiB, 512_MiB);
  plan.targets[0].max_allowed = 512_MiB;
  Progress progress;
  progress.last_cut["app"] = {.time = kNow - 5min, .from = 1_GiB, .to = 400_MiB};
  WorkloadState state = AWorkload({APod("a", 128_MiB, 400_MiB)});
  state.last_oom["app"] = {.time = kNow - 1min, .limit = 400_MiB};

  const Decision decision = NextSteps(plan, state, progress, kNow);
  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].intent == Intent::kRollback);
  CHECK(decision.steps[0].resizes[0].limit == 512_MiB);
}

TEST_CASE("NextSteps: after a refusal only the limit is raised until the hold ends") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 256_MiB)});
  Progress progress;
  progress.pods["uid-a"].refused = kNow - 1min;

  const Decision decision = NextSteps(APlan(1_GiB, 2_GiB), state, progress, kNow);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].resizes[0].limit == 2_GiB);
  CHECK_FALSE(decision.steps[0].resizes[0].request.has_value());
}

TEST_CASE("NextSteps: a cut that the kubelet cannot carry out is taken back after a minute") {
  Refused refused(ResizeStatus::kInProgress, 61s);
  App(refused.state.pods[0]).spec = {100_MiB, 200_MiB};
  App(refused.state.pods[0]).reading->limit = 256_MiB;
  refused.progress.pods["uid-a"].wrote["app"] = {std::nullopt, 200_MiB};

  const Decision decision = refused.Decide();

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].resizes[0].limit == 256_MiB);
}

TEST_CASE("NextSteps: a pod cgroup that stayed behind is healed by another value while it runs") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 160_MiB)});
  App(state.pods[0]).reading->pod_limit = 64_MiB;

  const Decision decision = NextSteps(APlan(128_MiB, 160_MiB), state, {}, kNow);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].intent == Intent::kHeal);
  CHECK(decision.steps[0].resizes[0].limit == 161_MiB);
  CHECK(decision.reason.code == "PodCgroupStale");
  CHECK_FALSE(decision.settled);
}

TEST_CASE("NextSteps: a pod cgroup is held against all containers that run in it") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 160_MiB)});
  App(state.pods[0]).reading->pod_limit = 200_MiB;
  const auto stale = [&] {
    return NextSteps(APlan(128_MiB, 160_MiB), state, {}, kNow).reason.code == "PodCgroupStale";
  };
  CHECK_FALSE(stale());
  state.pods[0].other_limits = 64_MiB;  // one with resizePolicy RestartContainer: 224 in all
  CHECK(stale());
  state.pods[0].other_limits.reset();  // it has no limit, so the pod has none
  CHECK_FALSE(stale());
}

TEST_CASE("NextSteps: healing waits for the container to run and respects the maximum") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 160_MiB)});
  App(state.pods[0]).reading->pod_limit = 64_MiB;
  Plan plan = APlan(128_MiB, 160_MiB);
  plan.targets[0].max_allowed = 160_MiB;

  CHECK(NextSteps(plan, state, {}, kNow).steps.at(0).resizes[0].limit == 159_MiB);

  App(state.pods[0]).running = false;
  for (const Step& step : NextSteps(plan, state, {}, kNow).steps) {
    CHECK(step.intent != Intent::kHeal);
  }
}

TEST_CASE("NextSteps: a reading from before our patch does not call the pod stale again") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 161_MiB)});
  App(state.pods[0]).reading->pod_limit = 64_MiB;
  Progress progress;
  progress.pods["uid-a"].patched = kNow - 1500ms;  // the reading is 2 s old

  CHECK(NextSteps(APlan(128_MiB, 160_MiB), state, progress, kNow).steps.empty());
}

TEST_CASE("NextSteps: a container that dies too soon for a reading is healed by its pod's kills") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 160_MiB)});
  App(state.pods[0]).reading.reset();
  const Plan plan = APlan(128_MiB, 128_MiB);
  CHECK(NextSteps(plan, state, {}, kNow).steps.empty());

  state.pods[0].pod_oom = kNow - 20s;
  const Decision decision = NextSteps(plan, state, {}, kNow);
  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].intent == Intent::kHeal);

  // Once for each kill: the next reading or kill tells whether it helped.
  const Progress sent = Recorded({}, decision.steps[0], plan.rules, kNow, kNow);
  CHECK(NextSteps(plan, state, sent, kNow + 5s).steps.empty());

  App(state.pods[0]).running = false;
  CHECK(NextSteps(plan, state, {}, kNow).steps.empty());
}

TEST_CASE("Pruned: what was remembered of a pod goes with it") {
  Progress progress;
  progress.pods["uid-a"].patched = kNow;
  progress.pods["uid-gone"].patched = kNow;

  progress = Pruned(progress, AWorkload({APod("a", 1_MiB, 1_MiB)}));

  CHECK(progress.pods.size() == 1);
  CHECK(progress.pods.contains("uid-a"));
}

}  // namespace
}  // namespace plimsoll::rollout
