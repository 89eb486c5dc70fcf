// SPDX-License-Identifier: Apache-2.0
//
// What a node will not give is taken back and told.
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE(
    "Autopatch: a Deferred request holds no limit back: it is taken back and the limit stays") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.Start();
  rig.Kill("web-0");
  rig.Advise(100_MiB, 160_MiB);

  // The process is dying: no minute of patience for the request.
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") == 160_MiB; }, 5s));
  CHECK(rig.node.SpecRequest("web-0") == 32_MiB);
  CHECK(rig.Told("PatchSkipped", "waits for room"));
  rig.Pass(1min, 5s);
  CHECK_FALSE(rig.Settled());
  CHECK(rig.reason() == "ResizeDeferred");
  CHECK(rig.carried().reason.message.find("enough resource") != std::string::npos);
  CHECK(rig.patches() == 2);

  // Asked again when the hold is over; there is room by now.
  rig.node.SetKubelet(Kubelet::kObeys);
  REQUIRE(rig.Until([&] { return rig.Settled(); }, 15min, 15s));
  CHECK(rig.node.SpecRequest("web-0") == 100_MiB);
}

TEST_CASE("Autopatch: a Deferred request alone is given a minute to find room") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.Start();
  rig.Advise(200_MiB, 512_MiB);

  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  rig.Pass(45s);
  CHECK(rig.patches() == 1);
  CHECK(rig.reason() == "ResizeDeferred");
  REQUIRE(rig.Until([&] { return rig.node.SpecRequest("web-0") == 32_MiB; }, 1min));
}

TEST_CASE("Autopatch: a Deferred request that finds room in time is left to it") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.Start();
  rig.Advise(200_MiB, 512_MiB);
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  rig.Pass(20s);
  rig.node.SetKubelet(Kubelet::kObeys);
  rig.node.LookAgain();
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.patches() == 1);
}

TEST_CASE("Autopatch: an Infeasible resize of a Guaranteed pod is taken back whole and reported") {
  Rig rig;
  rig.node.AddPod("web-0", 128_MiB, 128_MiB);
  rig.node.SetKubelet(Kubelet::kFindsInfeasible);
  rig.Start();
  rig.Advise(256_MiB, 256_MiB);

  REQUIRE(rig.Until([&] { return rig.patches() == 2; }, 5s));
  CHECK(rig.node.SpecLimit("web-0") == 128_MiB);
  CHECK(rig.node.SpecRequest("web-0") == 128_MiB);
  CHECK(rig.Told("PatchSkipped", "does not fit its node"));
  rig.Pass(5min, 10s);
  CHECK(rig.reason() == "ResizeInfeasible");
  CHECK(rig.patches() == 2);  // not asked for again before the hold ends
}

TEST_CASE("Autopatch: a pending resize of a user is left to the user") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.Start();
  rig.node.SetKubelet(Kubelet::kDefersRequests);
  rig.node.AskFor("web-0", 400_MiB);
  rig.Tick();
  rig.Advise(64_MiB, 512_MiB);
  rig.Pass(5min, 10s);
  CHECK(rig.patches() == 0);
  CHECK(rig.node.SpecRequest("web-0") == 400_MiB);
  CHECK(rig.reason() == "ResizeDeferred");
}

}  // namespace
}  // namespace plimsoll::testing
