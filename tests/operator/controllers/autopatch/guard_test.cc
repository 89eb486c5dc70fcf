// SPDX-License-Identifier: Apache-2.0
//
// Raises before the kill.
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

void StartGuarded(Rig& rig, Bytes request, Bytes limit) {
  rig.node.AddPod("web-0", request, limit);
  rig.Start();
  rig.Advise(request, limit);
  rig.Tick();
}

// That the container was raised, and when.
bool Remembers(const Rig& rig) {
  return rig.fleet.Snapshot(rig.key)->progress.last_raise.contains("app");
}

TEST_CASE(
    "Guard: an urgent reading is answered by a higher limit alone, without the clock moving") {
  Rig rig;
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.patches() == 1; }));
  const SeenPatch patch = rig.node.Patches().at(0);
  CHECK_FALSE(patch.request);
  REQUIRE(patch.limit);
  CHECK(*patch.limit >= 256_MiB * Ratio(1.5));
  CHECK(rig.node.KernelLimit("web-0") == *patch.limit);
  CHECK(rig.Told("Raised", "256Mi->"));
  CHECK(Eventually([&] { return rig.guard.counters().raised == 1; }));
}

TEST_CASE("Guard: readings that still show the old limit are not answered twice") {
  Rig rig;
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.node.SetKubelet(Kubelet::kSaysSoOnly);  // the kernel follows later
  for (int i = 0; i < 5; ++i) rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().raised == 1; }));
  for (int i = 0; i < 5; ++i) rig.Urgent("web-0", 230_MiB);
  std::this_thread::sleep_for(50ms);
  CHECK(rig.patches() == 1);
  // It never came: asked again.
  rig.Settle();
  rig.clock->Advance(600ms);
  rig.Urgent("web-0", 240_MiB);
  CHECK(Eventually([&] { return rig.patches() == 2; }));
}

TEST_CASE(
    "Guard: a larger limit that the node has not put in force yet is never asked for smaller") {
  Rig rig;
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.node.SetKubelet(Kubelet::kSaysSoOnly);
  rig.Advise(64_MiB, 1_GiB);
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  REQUIRE(rig.node.Patches().at(0).limit == 1_GiB);
  rig.clock->Advance(5s);
  rig.Urgent("web-0", 240_MiB);  // the kernel's limit is 256 MiB still: alone, it would be 384 MiB
  std::this_thread::sleep_for(50ms);
  CHECK(rig.guard.counters().raised == 0);
  CHECK(rig.patches() == 1);
}

TEST_CASE("Guard: a Guaranteed pod is raised with its request") {
  Rig rig;
  StartGuarded(rig, 256_MiB, 256_MiB);
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.patches() == 1; }));
  CHECK(rig.node.Patches().at(0).request == rig.node.Patches().at(0).limit);
  CHECK(rig.node.Patches().at(0).answer == 200);
}

TEST_CASE("Guard: a failed raise is asked for again by the next reading") {
  Rig rig;
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.node.AnswerNext(500, "etcdserver: leader changed");
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 1; }));
  rig.Urgent("web-0", 225_MiB);
  CHECK(Eventually([&] { return rig.guard.counters().raised == 1; }));
}

TEST_CASE("Guard: a raise beside a request that waits takes the request back in the same patch") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 256_MiB);
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.Start();
  rig.Advise(200_MiB, 256_MiB);
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  rig.Pass(5s);
  REQUIRE(rig.node.SpecRequest("web-0") == 200_MiB);  // pending: nothing would be carried out

  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().raised == 1; }));
  REQUIRE(rig.patches() == 2);
  CHECK(rig.node.Patches().at(1).request == 32_MiB);
  CHECK(rig.node.KernelLimit("web-0") > 256_MiB);
  // The request is not put straight back beside it.
  rig.Pass(2min, 5s);
  CHECK(rig.node.SpecRequest("web-0") == 32_MiB);
  CHECK(rig.reason() == "ResizeDeferred");
}

TEST_CASE("Guard: a raise on its way does not take a larger one back that was quicker") {
  Rig rig;
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.node.OnNextPatch([&] {  // the guard's, of 410 MiB
    rig.Kill("web-0");
    rig.Advise(64_MiB, 1_GiB);
    CHECK(Eventually([&] { return rig.node.SpecLimit("web-0") == 1_GiB; }));
  });
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 1; }));
  CHECK(rig.node.SpecLimit("web-0") == 1_GiB);
  CHECK(rig.guard.counters().raised == 0);
  rig.Pass(10s);
  CHECK(rig.node.KernelLimit("web-0") == 1_GiB);
  CHECK_FALSE(rig.node.events().Has("Raised"));
}

TEST_CASE("Guard: a raise met by another change of the pod is sent again at once") {
  Rig rig;
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.node.OnNextPatch([&] { rig.node.LookAgain(); });  // the kubelet writes the status
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().raised == 1; }));
  REQUIRE(rig.node.Patches().size() == 2);
  CHECK(rig.node.Patches().at(0).answer == 409);
  CHECK(rig.node.KernelLimit("web-0") == rig.node.Patches().at(1).limit);
  CHECK(rig.guard.counters().milliseconds_worst == 0);  // no pause in between
  CHECK(rig.guard.counters().refused == 0);
  rig.Settle();
  CHECK(Remembers(rig));
  CHECK(rig.fleet.Snapshot(rig.key)->progress.pods.begin()->second.unanswered.empty());
}

TEST_CASE("Guard: met by another change, it takes back only a request that still waits") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 256_MiB);
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.Start();
  rig.Advise(200_MiB, 256_MiB);
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  rig.Pass(5s);
  std::optional<Bytes> taken_back;
  SUBCASE("it waits") {
    rig.node.OnNextPatch([&] { rig.node.LookAgain(); });
    taken_back = 32_MiB;
  }
  SUBCASE("the node has given it meanwhile") {
    rig.node.OnNextPatch([&] {
      rig.node.SetKubelet(Kubelet::kObeys);
      rig.node.LookAgain();
    });
  }
  SUBCASE("somebody else asks for another meanwhile") {
    rig.node.OnNextPatch([&] { rig.node.AskFor("web-0", 128_MiB); });
  }
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().raised == 1; }));
  REQUIRE(rig.node.Patches().size() == 3);
  CHECK(rig.node.Patches().at(1).answer == 409);
  CHECK(rig.node.Patches().at(2).request == taken_back);
  CHECK(rig.node.SpecLimit("web-0") > 256_MiB);
}

TEST_CASE("Guard: a raise whose answer was lost is remembered, and told as any other") {
  Rig rig;
  StartGuarded(rig, 32_MiB, 512_MiB);
  rig.node.AnswerNext(0, "");
  // The pod's change may be seen before the guard knows that there will be no answer, or after.
  SUBCASE("the pod shows it first") {
    rig.node.OnNextLoss([&] { CHECK(Eventually([&] { return Remembers(rig); })); });
  }
  SUBCASE("the guard gives up first") {}
  rig.Urgent("web-0", 480_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 1; }));
  REQUIRE(rig.node.KernelLimit("web-0") > 512_MiB);
  REQUIRE(rig.Until([&] { return rig.autopatch.counters().applied == 1; }));
  CHECK(Remembers(rig));  // so no cut follows it at once
  CHECK(rig.Told("Raised", "pod web-0: app limit 512Mi->"));
  CHECK(rig.Told("Raised", "before it was killed"));
  REQUIRE(rig.carried().last_patch);
  CHECK(rig.carried().last_patch->reason == "Raised");
  rig.Pass(1min, 15s);
  CHECK(rig.autopatch.counters().applied == 1);  // once
}

TEST_CASE("Guard: a raise that was refused is neither remembered nor told when somebody makes it") {
  Rig rig;
  StartGuarded(rig, 32_MiB, 512_MiB);
  rig.node.AnswerNext(403, "User cannot patch resource pods/resize");
  rig.Urgent("web-0", 480_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 1; }));
  const Bytes wanted = rig.node.Patches().at(0).limit.value();
  rig.node.AskForLimit("web-0", wanted);
  rig.Pass(1min, 15s);
  REQUIRE(rig.node.KernelLimit("web-0") == wanted);
  CHECK_FALSE(Remembers(rig));
  CHECK_FALSE(rig.node.events().Has("Raised"));
}

TEST_CASE("Guard: that a raise was refused is remembered, and why, until one is taken") {
  Rig rig;
  StartGuarded(rig, 32_MiB, 512_MiB);
  const auto memory = [&] {
    return rig.fleet.Snapshot(rig.key)->progress.pods[rig.node.Uid("web-0")];
  };
  rig.node.AnswerNext(500, "etcdserver: leader changed");
  rig.Urgent("web-0", 480_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 1; }));
  CHECK_FALSE(memory().guard_refused);  // it may go well the next time

  rig.node.AnswerNext(403, "User cannot patch resource pods/resize");
  rig.Urgent("web-0", 480_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 2; }));
  CHECK(memory().guard_refused == rig.clock->Now());
  CHECK(memory().guard_refused_why.code == "NotPermitted");

  rig.Urgent("web-0", 490_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().raised == 1; }));
  CHECK_FALSE(memory().guard_refused);
}

TEST_CASE("Guard: its raise that a quota refused does not hold back the advice's smaller one") {
  Rig rig;
  Bytes request;
  SUBCASE("of a Burstable pod") { request = 64_MiB; }
  SUBCASE("of a Guaranteed pod") { request = 256_MiB; }
  StartGuarded(rig, request, 256_MiB);
  rig.node.AnswerNext(403, "pods \"web-0\" is forbidden: exceeded quota: compute-resources");
  bool killed = false;
  SUBCASE("after a kill") { killed = true; }
  SUBCASE("without a kill") {}
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.guard.counters().refused == 1; }));
  const auto before = rig.patches();
  rig.clock->Advance(2s);
  if (killed) rig.Kill("web-0");
  rig.Advise(request == 256_MiB ? 320_MiB : request, 320_MiB);
  CHECK(rig.Until([&] { return rig.patches() > before; }, 1min));
}

TEST_CASE("Guard: a thread that hangs is told as stuck until it goes on, one without work is not") {
  std::atomic<bool> hang{false};  // before the rig, whose threads read it to the end
  Rig rig;
  rig.on_change = [&](fleet::Change change) {
    while (hang && change == fleet::Change::kCheckpoint) std::this_thread::sleep_for(1ms);
  };
  StartGuarded(rig, 64_MiB, 256_MiB);
  const auto stuck = [&] {
    const std::string problem = rig.heartbeats.Problem();
    std::size_t count = 0;
    for (auto at = problem.find("guard"); at != std::string::npos;
         at = problem.find("guard", at + 1)) {
      ++count;
    }
    return count;
  };
  hang = true;
  rig.Urgent("web-0", 220_MiB);
  rig.clock->Advance(3min);
  // The other one ticks when it keeps its connection warm.
  CHECK(Eventually([&] { return stuck() == 1; }));
  hang = false;
  CHECK(Eventually([&] { return stuck() == 0; }));
}

TEST_CASE("Guard: a user's own pending request is not taken back") {
  Rig rig;
  StartGuarded(rig, 32_MiB, 256_MiB);
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.node.AskFor("web-0", 200_MiB);
  rig.Tick();
  rig.Urgent("web-0", 220_MiB);
  REQUIRE(Eventually([&] { return rig.patches() == 1; }));
  CHECK_FALSE(rig.node.Patches().at(0).request);
  CHECK(rig.node.SpecRequest("web-0") == 200_MiB);
}

TEST_CASE("Guard: a cut that was chosen before a raise does not undo it") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.Tick();
  // While the cut is on its way, memory leaps and the guard raises.
  rig.node.OnNextPatch([&] {
    rig.Urgent("web-0", 500_MiB);
    REQUIRE(Eventually([&] { return rig.guard.counters().raised == 1; }));
  });
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.Patches().size() == 2; }));
  rig.Pass(1min, 5s);
  CHECK(rig.node.KernelLimit("web-0") > 512_MiB);
  CHECK(rig.node.Patches().at(1).answer == 409);
}

TEST_CASE(
    "Guard: the raises of one container are bounded, those of another are not touched by it") {
  Rig rig;
  rig.node.AddPod("web-1", 64_MiB, 256_MiB);
  StartGuarded(rig, 64_MiB, 256_MiB);
  rig.node.SetKubelet(Kubelet::kSaysSoOnly);
  constexpr int kBound = rollout::kUrgentRaisesPerMinute;
  for (int i = 0; i < kBound + 4; ++i) {
    rig.clock->Advance(700ms);
    rig.Urgent("web-0", 250_MiB);
    std::this_thread::sleep_for(10ms);
    REQUIRE(Eventually([&] {
      return rig.guard.counters().raised + rig.guard.counters().refused >
             static_cast<std::uint64_t>(i);
    }));
  }
  CHECK(rig.node.PatchesOf("web-0").size() == kBound);
  rig.Urgent("web-1", 250_MiB);
  CHECK(Eventually([&] { return rig.node.PatchesOf("web-1").size() == 1; }));
}

}  // namespace
}  // namespace plimsoll::testing
