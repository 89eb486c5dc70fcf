// SPDX-License-Identifier: Apache-2.0
//
// Giving memory: after kills, to a recommendation, to new pods.
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE("Autopatch: after an OOM kill every pod is raised at once and nobody waits for a first") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.node.AddPod("web-1", 32_MiB, 64_MiB);
  rig.Start();
  rig.Tick();
  rig.Kill("web-0");
  rig.Advise(100_MiB, 160_MiB);

  REQUIRE(rig.Until([&] { return rig.patches() == 2; }, 1s));
  CHECK(rig.node.PatchesOf("web-0").at(0).limit == 160_MiB);
  CHECK(rig.node.PatchesOf("web-0").at(0).request == 100_MiB);
  CHECK(rig.node.PatchesOf("web-1").at(0).limit == 160_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.reason() == "AllPodsAtTarget");
  CHECK(rig.patches() == 2);
  CHECK(rig.Told("Patched", "64Mi->160Mi"));
}

TEST_CASE("Autopatch: what something beside the mode forbids is neither patched nor raised") {
  Rig rig;
  rig.node.AddPod("web-0", 64_MiB, 128_MiB);
  rig.Start();
  fleet::Advice advice{.max_allowed = 2_GiB};
  advice.recommendation.request = 200_MiB;
  advice.recommendation.limit = 256_MiB;
  rig.fleet.PutAdvice(rig.key, {{"app", advice}},
                      {.mode = api::Mode::kAutoPatch,
                       .forbidden = recommend::Reason{"FieldOwnedByOther", "a VPA sets it"}});
  rig.Tick();
  rig.Urgent("web-0", 120_MiB);
  rig.Pass(1min);
  CHECK(rig.patches() == 0);
  CHECK(rig.guard.counters().raised == 0);

  rig.Advise(advice);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.KernelLimit("web-0") == 256_MiB);
}

TEST_CASE("Autopatch: one pod first, the rest when the kernel has its new limit") {
  Rig rig;
  for (const char* pod : {"web-0", "web-1", "web-2"}) rig.node.AddPod(pod, 100_MiB, 128_MiB);
  rig.node.SetKubelet(Kubelet::kSaysSoOnly);
  rig.Start();
  rig.Advise(200_MiB, 256_MiB);

  rig.Pass(20s);
  CHECK(rig.patches() == 1);  // the API says done, the agent does not: nobody follows
  CHECK_FALSE(rig.Settled());

  rig.node.SetKubelet(Kubelet::kObeys);
  rig.node.LookAgain();
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.patches() == 3);
  for (const char* pod : {"web-0", "web-1", "web-2"}) CHECK(rig.node.KernelLimit(pod) == 256_MiB);
}

TEST_CASE("Autopatch: done is what the agent reads in the container and in the pod's cgroup") {
  Rig rig;
  rig.node.AddPod("web-0", 100_MiB, 128_MiB);
  rig.node.SetKubelet(Kubelet::kLeavesPodBehind);
  rig.Start();
  rig.Advise(200_MiB, 256_MiB);

  REQUIRE(rig.Until([&] { return rig.patches() >= 1; }));
  rig.Tick();
  CHECK_FALSE(rig.Settled());  // the container has it, its pod has not
  rig.node.SetKubelet(Kubelet::kObeys);
  REQUIRE(rig.Until([&] { return rig.reason() == "BelowMinChange"; }));
  // Healed by another value than asked for before: the same would have changed nothing.
  CHECK(rig.node.Patches().back().limit != rig.node.Patches().front().limit);
  CHECK(rig.node.KernelLimit("web-0") >= 256_MiB);
}

TEST_CASE("Autopatch: a container in back-off is resized when it runs, not before") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start();
  rig.Kill("web-0");
  rig.node.SetRunning("web-0", false);
  rig.Tick();
  rig.Advise(100_MiB, 160_MiB);
  rig.Pass(30s);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "ContainerNotRunning");

  rig.node.SetRunning("web-0", true);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.KernelLimit("web-0") == 160_MiB);
}

TEST_CASE("Autopatch: a new pod with the template's limit gets the raised one as soon as it runs") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start();
  rig.Kill("web-0");
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));

  rig.node.AddPod("web-1", 32_MiB, 64_MiB);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-1") == 160_MiB; }, 2s));
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  // The condition says that the template still has the old numbers.
  CHECK(rig.carried().reason.message.find("template") != std::string::npos);
}

TEST_CASE("Autopatch: a Guaranteed pod keeps request and limit equal, growing and shrinking") {
  Rig rig;
  rig.node.AddPod("web-0", 128_MiB, 128_MiB);
  rig.Start();
  rig.Advise(256_MiB, 256_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.Patches().at(0).request == 256_MiB);
  CHECK(rig.node.Patches().at(0).limit == 256_MiB);

  rig.Advise(128_MiB, 128_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.SpecLimit("web-0") < 256_MiB; }, 1h, 30s));
  for (const SeenPatch& patch : rig.node.Patches()) {
    CHECK(patch.request == patch.limit);
    CHECK(patch.answer == 200);
  }
}

}  // namespace
}  // namespace plimsoll::testing
