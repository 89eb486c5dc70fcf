// SPDX-License-Identifier: Apache-2.0
#include "tests/advisor/rollout/fixture.h"

#include <doctest/doctest.h>

namespace plimsoll::rollout {
namespace {

TEST_CASE("NextSteps: one pod is raised first, the rest when the kernel has its new limit") {
  WorkloadState state =
      AWorkload({APod("a", 64_MiB, 64_MiB), APod("b", 64_MiB, 64_MiB), APod("c", 64_MiB, 64_MiB)});
  const Plan plan = APlan(128_MiB, 160_MiB);

  const Decision first = NextSteps(plan, state, {}, kNow);
  REQUIRE(first.steps.size() == 1);
  CHECK(first.steps[0].pod_name == "a");
  CHECK(first.steps[0].resizes[0].limit == 160_MiB);
  CHECK(first.steps[0].resizes[0].request == 128_MiB);

  // Asked for, not yet in the kernel: the others wait.
  App(state.pods[0]).spec = {128_MiB, 160_MiB};
  const Decision waiting = NextSteps(plan, state, {}, kNow);
  CHECK(waiting.steps.empty());
  CHECK(waiting.reason.code == "RolloutInProgress");

  Actuate(state.pods[0], first.steps[0]);
  const Decision rest = NextSteps(plan, state, {}, kNow);
  REQUIRE(rest.steps.size() == 2);
  CHECK(rest.steps[0].pod_name == "b");
  CHECK(rest.steps[1].pod_name == "c");
}

TEST_CASE("NextSteps: after an OOM kill every pod is raised at once, however small the raise") {
  WorkloadState state = AWorkload({APod("a", 64_MiB, 64_MiB), APod("b", 64_MiB, 64_MiB)});
  state.last_oom["app"] = {.time = kNow - 1s, .limit = 64_MiB};

  const Decision decision = NextSteps(APlan(64_MiB, 80_MiB), state, {}, kNow);

  REQUIRE(decision.steps.size() == 2);
  CHECK(decision.steps[0].reason.code == "OOMKilledAtLimit");
}

TEST_CASE("NextSteps: a kill while a raise was on its way is not answered by that raise") {
  // Two pods of 64 MiB; the first was being raised to 103 when a second process took all of it.
  WorkloadState state = AWorkload({APod("a", 64_MiB, 103_MiB), APod("b", 64_MiB, 64_MiB)});
  App(state.pods[0]).reading->limit = 64_MiB;
  state.last_oom["app"] = {.time = kNow - 1970ms, .limit = 64_MiB};
  const Plan plan = APlan(64_MiB, 256_MiB);
  const Step raise{.kind = StepKind::kResize,
                   .intent = Intent::kGrow,
                   .pod_uid = "uid-a",
                   .pod_name = "a",
                   .resizes = {{.container = "app", .limit = 103_MiB, .from_limit = 64_MiB}}};
  const auto sent_and_answered = [&](TimePoint sent, TimePoint answered) {
    return NextSteps(plan, state, Recorded({}, raise, plan.rules, sent, answered), kNow);
  };

  CHECK(sent_and_answered(kNow - 2000ms, kNow - 1950ms).steps.size() == 2);
  // Sent after the kill: that was the answer, and what is left takes its turn, the pod that it was
  // begun with first, though no reading has shown the kernel's limit yet.
  const Decision rest = sent_and_answered(kNow - 1960ms, kNow - 1950ms);
  REQUIRE(rest.steps.size() == 1);
  CHECK(rest.steps[0].pod_name == "a");
  CHECK(rest.steps[0].resizes[0].limit == 256_MiB);
}

TEST_CASE("NextSteps: a container in back-off is not resized before it runs") {
  WorkloadState state = AWorkload({APod("a", 64_MiB, 64_MiB)});
  App(state.pods[0]).running = false;
  App(state.pods[0]).reading.reset();
  state.last_oom["app"] = {.time = kNow - 1s, .limit = 64_MiB};

  const Decision waiting = NextSteps(APlan(64_MiB, 160_MiB), state, {}, kNow);
  CHECK(waiting.steps.empty());
  CHECK(waiting.reason.code == "ContainerNotRunning");
  CHECK_FALSE(waiting.settled);

  App(state.pods[0]).running = true;
  CHECK(NextSteps(APlan(64_MiB, 160_MiB), state, {}, kNow).steps.size() == 1);
}

TEST_CASE("NextSteps: a change below either least change is left alone") {
  const WorkloadState state = AWorkload({APod("a", 512_MiB, 512_MiB)});

  // 24 MiB is more than 4 MiB but only 4.7 %.
  const Decision left = NextSteps(APlan(512_MiB, 536_MiB), state, {}, kNow);
  CHECK(left.steps.empty());
  CHECK(left.reason.code == "BelowMinChange");
  CHECK(NextSteps(APlan(512_MiB, 580_MiB), state, {}, kNow).steps.size() == 1);
}

TEST_CASE("NextSteps: a request follows a change too small for a limit") {
  const WorkloadState state = AWorkload({APod("a", 512_MiB, 1024_MiB)});

  // 10 MiB is 1.95 %, 20 MiB is 3.9 %, and 40 MiB are 3.9 % of the limit.
  CHECK(NextSteps(APlan(522_MiB, 1064_MiB), state, {}, kNow).reason.code == "BelowMinChange");
  const Decision up = NextSteps(APlan(532_MiB, 1064_MiB), state, {}, kNow);
  REQUIRE(up.steps.size() == 1);
  CHECK(up.steps[0].resizes[0].request == 532_MiB);
  CHECK_FALSE(up.steps[0].resizes[0].limit);
  const Decision down = NextSteps(APlan(492_MiB, 984_MiB), state, {}, kNow);
  REQUIRE(down.steps.size() == 1);
  CHECK(down.steps[0].resizes[0].request == 492_MiB);
  CHECK_FALSE(down.steps[0].resizes[0].limit);
}

TEST_CASE("NextSteps: nothing is sent twice while the pod object shows what was before") {
  const WorkloadState state = AWorkload({APod("a", 64_MiB, 64_MiB)});
  const Plan plan = APlan(128_MiB, 160_MiB);
  const Decision first = NextSteps(plan, state, {}, kNow);
  REQUIRE(first.steps.size() == 1);
  const Progress sent = Recorded({}, first.steps[0], plan.rules, kNow, kNow);

  const Decision again = NextSteps(plan, state, sent, kNow + 20ms);

  CHECK(again.steps.empty());
  CHECK_FALSE(again.settled);
  CHECK(again.look_again.has_value());
}

TEST_CASE("NextSteps: a new pod with the template's old limit follows its neighbours at once") {
  WorkloadState state = AWorkload({APod("new", 64_MiB, 64_MiB), APod("old", 128_MiB, 160_MiB)});

  const Decision decision = NextSteps(APlan(128_MiB, 160_MiB), state, {}, kNow);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].pod_name == "new");
}

TEST_CASE("NextSteps: a Guaranteed pod keeps request and limit equal") {
  WorkloadState state = AWorkload({APod("a", 64_MiB, 64_MiB)});
  state.pods[0].guaranteed = true;

  const Decision decision = NextSteps(APlan(100_MiB, 160_MiB), state, {}, kNow);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].resizes[0].limit == 160_MiB);
  CHECK(decision.steps[0].resizes[0].request == 160_MiB);
}

TEST_CASE("NextSteps: a Burstable pod's request stays below its limit, or its class could change") {
  const WorkloadState state = AWorkload({APod("a", 32_MiB, 64_MiB)});

  const Decision decision = NextSteps(APlan(160_MiB, 160_MiB), state, {}, kNow);

  REQUIRE(decision.steps.size() == 1);
  CHECK(decision.steps[0].resizes[0].limit == 160_MiB);
  CHECK(decision.steps[0].resizes[0].request == 159_MiB);
}

TEST_CASE("NextSteps: before Kubernetes 1.33 nothing is resized, with the reason") {
  Plan plan = APlan(128_MiB, 160_MiB);
  plan.capability = {};

  const Decision decision = NextSteps(plan, AWorkload({APod("a", 64_MiB, 64_MiB)}), {}, kNow);

  CHECK(decision.steps.empty());
  CHECK(decision.reason.code == "ResizeUnsupported");
}

TEST_CASE("CapabilityOf: growing since 1.33, shrinking since 1.34, and no guess") {
  CHECK(CapabilityOf("1", "32") == Capability{});
  CHECK(CapabilityOf("1", "33") == Capability{.grow = true, .shrink = false});
  CHECK(CapabilityOf("1", "34+") == Capability{.grow = true, .shrink = true});
  CHECK_FALSE(CapabilityOf("1", "").has_value());
  CHECK_FALSE(CapabilityOf("v1", "36").has_value());
}

}  // namespace
}  // namespace plimsoll::rollout
