// SPDX-License-Identifier: Apache-2.0
//
// "Applied" is said only of what the kernel was seen to have; what no resize changes has a reason.
#include "advisor/rollout/apart.h"

#include <doctest/doctest.h>

#include "tests/advisor/rollout/fixture.h"

namespace plimsoll::rollout {
namespace {

Decision Look(const WorkloadState& state, const Plan& plan) {
  return NextSteps(plan, state, {}, kNow);
}

TEST_CASE("NextSteps: settled is every target exactly there, by a fresh reading") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 160_MiB), APod("b", 128_MiB, 160_MiB)});
  const Plan plan = APlan(128_MiB, 160_MiB);
  const Decision there = Look(state, plan);
  CHECK(there.settled);
  CHECK(there.in_force);
  CHECK(there.reason.code.empty());
  CHECK(there.look_again == plan.rules.reading_fresh);  // readings may stop

  App(state.pods[1]).reading->time = kNow - 46s;
  const Decision unseen = Look(state, plan);
  CHECK_FALSE(unseen.settled);
  CHECK(unseen.reason.code == "TelemetryStale");
  CHECK(unseen.reason.message.find("pod b") != std::string::npos);

  App(state.pods[1]).reading.reset();
  CHECK(Look(state, plan).reason.code == "TelemetryStale");
  App(state.pods[1]).running = false;
  CHECK(Look(state, plan).reason.code == "ContainerNotRunning");
}

TEST_CASE("NextSteps: a limit that is no whole page is in force as the kernel rounds it down") {
  const Bytes asked(500'000'000);   // 500M
  const Bytes kernel(499'998'720);  // 122070 pages of 4 KiB
  WorkloadState state = AWorkload({APod("a", 128_MiB, asked), APod("b", 128_MiB, asked)});
  for (PodState& pod : state.pods) {
    App(pod).reading->limit = App(pod).reading->pod_limit = kernel;
  }
  CHECK(Look(state, APlan(128_MiB, asked)).settled);
  const Decision grow = Look(state, APlan(128_MiB, 800_MiB));
  REQUIRE(grow.steps.size() == 1);
  CHECK(grow.steps[0].intent == Intent::kGrow);
  const Decision cut = Look(state, APlan(128_MiB, 300_MiB));
  REQUIRE(cut.steps.size() == 1);
  CHECK(cut.steps[0].intent == Intent::kShrink);

  // 64 KiB less is another limit.
  App(state.pods[0]).reading->limit = kernel - 64_KiB;
  CHECK_FALSE(Look(state, APlan(128_MiB, asked)).settled);
  App(state.pods[0]).reading->limit = kernel;
  App(state.pods[0]).reading->pod_limit = kernel - 64_KiB;
  CHECK(Look(state, APlan(128_MiB, asked)).reason.code == "PodCgroupStale");
}

TEST_CASE("NextSteps: a workload whose pods are on no node yet is not settled") {
  CHECK(Look(AWorkload({}), APlan(128_MiB, 160_MiB)).reason.code == "ContainerNotRunning");
}

TEST_CASE("NextSteps: a container made without a limit or a request is not given one") {
  WorkloadState state = AWorkload({APod("a", 128_MiB, 160_MiB)});
  App(state.pods[0]).spec.limit.reset();
  App(state.pods[0]).reading->limit.reset();
  const Decision no_limit = Look(state, APlan(128_MiB, 160_MiB));
  CHECK(no_limit.steps.empty());
  CHECK_FALSE(no_limit.settled);
  CHECK(no_limit.reason.code == "NoLimitSet");
  CHECK(no_limit.reason.message.find("set 160Mi in the workload's template") != std::string::npos);

  // Where limits are their owner's, there is nothing to say.
  Plan requests_only = APlan(128_MiB, 160_MiB);
  requests_only.targets[0].limit.reset();
  CHECK(Look(state, requests_only).settled);
  App(state.pods[0]).spec.request.reset();
  CHECK(Look(state, requests_only).reason.code == "NoRequestSet");
}

TEST_CASE("NextSteps: what is nearer than the least change says both amounts") {
  const WorkloadState state = AWorkload({APod("a", 128_MiB, 512_MiB)});
  const Decision near = Look(state, APlan(128_MiB, 520_MiB));
  CHECK(near.in_force);
  CHECK_FALSE(near.settled);
  CHECK(near.reason.code == "BelowMinChange");
  CHECK(near.reason.message.find("has limit 512Mi, advised are 520Mi") != std::string::npos);
  CHECK(Look(state, APlan(129_MiB, 512_MiB)).reason.code == "BelowMinChange");
}

TEST_CASE("NextSteps: a request that waits for room is neither in force nor proof for the others") {
  WorkloadState state = AWorkload({APod("a", 200_MiB, 256_MiB), APod("b", 100_MiB, 256_MiB)});
  state.pods[0].resize = ResizeStatus::kDeferred;
  App(state.pods[0]).actual = {100_MiB, 256_MiB};
  const Decision waiting = Look(state, APlan(200_MiB, 256_MiB));
  CHECK_FALSE(waiting.in_force);
  CHECK_FALSE(waiting.settled);
}

TEST_CASE("NextSteps: the megabyte that keeps a Burstable pod's class is no difference") {
  // Advised 160 and 160: the request is patched to 159, or the pod would become Guaranteed.
  CHECK(Look(AWorkload({APod("a", 159_MiB, 160_MiB)}), APlan(160_MiB, 160_MiB)).settled);
  PodState equal = APod("a", 160_MiB, 160_MiB);
  equal.guaranteed = true;
  CHECK(Look(AWorkload({equal}), APlan(100_MiB, 160_MiB)).settled);
}

}  // namespace
}  // namespace plimsoll::rollout
