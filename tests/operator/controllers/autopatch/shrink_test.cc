// SPDX-License-Identifier: Apache-2.0
//
// Taking memory away, and servers that cannot.
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE("Autopatch: memory goes in steps of at most 15 %, each proven before the next") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);

  REQUIRE(rig.Until([&] { return rig.node.SpecLimit("web-0") == 200_MiB; }, 4h, 30s));
  Bytes last = 512_MiB;
  REQUIRE(rig.patches() >= 6);
  for (const SeenPatch& patch : rig.node.Patches()) {
    REQUIRE(patch.limit);
    CHECK(*patch.limit < last);
    CHECK(*patch.limit >= last * Ratio(0.85));
    last = *patch.limit;
  }
  CHECK(rig.Until([&] { return rig.Settled(); }, 15min, 30s));
}

TEST_CASE("Autopatch: a cut waits for usage to fall, and says so") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 450_MiB);
  rig.Start();
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);

  rig.Pass(5min, 15s);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "WaitingForUsage");
  rig.node.SetUsage("web-0", 60_MiB);
  CHECK(rig.Until([&] { return rig.patches() > 0; }, 2h, 30s));
}

TEST_CASE("Autopatch: a cut waits for the policy's window and says which; a rollback does not") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  fleet::Advice advice{.max_allowed = 2_GiB};
  advice.recommendation.request = 32_MiB;
  advice.recommendation.limit = 100_MiB;  // more cuts away than an hour has room for
  advice.recommendation.may_shrink = true;
  // The rig's clock begins on a Thursday at 00:00 UTC.
  const fleet::Permission permission{
      .mode = api::Mode::kAutoPatch,
      .windows = {{.hours = {.days = std::bitset<7>("0001000"), .start = 1h, .end = 2h}}}};
  rig.fleet.PutAdvice(rig.key, {{"app", advice}}, permission);

  rig.Pass(30min, 30s);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "OutsideWindow");
  CHECK(rig.carried().reason.message.ends_with("the next opens Thu 01:00 UTC"));
  const auto of_day = [&] { return rig.clock->Now().time_since_epoch() % 24h; };
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }, 1h, 30s));
  CHECK(of_day() >= 1h);
  CHECK(of_day() < 1h + 2min);

  REQUIRE(rig.Until([&] { return rig.reason() == "OutsideWindow"; }, 2h, 30s));
  CHECK(of_day() >= 2h);
  const std::size_t cuts = rig.patches();
  const Bytes cut_to = rig.node.SpecLimit("web-0");
  CHECK(cuts >= 3);
  rig.Pass(5min, 30s);
  CHECK(rig.patches() == cuts);
  rig.Kill("web-0");
  REQUIRE(rig.Until([&] { return rig.node.SpecLimit("web-0") > cut_to; }));
  CHECK(rig.Told("PatchRolledBack", "kill"));
}

TEST_CASE("Autopatch: pods take turns; the others follow once the first has lived with it") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.AddPod("web-1", 32_MiB, 512_MiB);
  for (const char* pod : {"web-0", "web-1"}) rig.node.SetUsage(pod, 60_MiB);
  rig.Start();
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);

  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  const TimePoint first = rig.clock->Now();
  REQUIRE(rig.Until([&] { return rig.patches() >= 2; }, 1h, 15s));
  CHECK(rig.clock->Now() - first >= 9min);
  CHECK(rig.node.Patches().at(0).pod != rig.node.Patches().at(1).pod);
  CHECK(rig.node.Patches().at(0).limit == rig.node.Patches().at(1).limit);
}

TEST_CASE("Autopatch: a cut that the kubelet cannot carry out is taken back after a minute") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.node.SetKubelet(Kubelet::kCannotLowerBelow);
  rig.Start();
  // Usage leaps between the agent's reading and the kubelet's look.
  rig.node.OnNextPatch([&] { rig.node.SetUsage("web-0", 480_MiB); });
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);

  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  REQUIRE(rig.node.SpecLimit("web-0") < 480_MiB);
  rig.Pass(30s);
  CHECK(rig.patches() == 1);
  REQUIRE(rig.Until([&] { return rig.node.SpecLimit("web-0") == 512_MiB; }, 2min));
  CHECK(rig.Told("PatchSkipped", "512Mi"));
  CHECK(rig.node.KernelLimit("web-0") == 512_MiB);
}

TEST_CASE("Autopatch: a server before 1.34 is never asked to shrink, and the reason says why") {
  Rig rig(/*minor_version=*/33);
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  rig.Pass(30min, 1min);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "ResizeUnsupported");
  CHECK(rig.carried().reason.message.find("1.34") != std::string::npos);
}

TEST_CASE("Autopatch: a server before 1.33 is asked nothing, by nobody, kill or not") {
  Rig rig(/*minor_version=*/32);
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start();
  rig.Kill("web-0");
  rig.Advise(100_MiB, 160_MiB);
  rig.Urgent("web-0", 63_MiB);
  rig.Pass(2min, 5s);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "ResizeUnsupported");
  CHECK(rig.carried().reason.message.find("template") != std::string::npos);
}

TEST_CASE("Autopatch: in recommend mode nothing is touched") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start();
  fleet::Advice advice;
  advice.recommendation.limit = 160_MiB;
  rig.fleet.PutAdvice(rig.key, {{"app", advice}}, {.mode = api::Mode::kRecommend});
  rig.Kill("web-0");
  rig.Urgent("web-0", 63_MiB);
  rig.Pass(1min, 5s);
  CHECK(rig.patches() == 0);
  // The mode alone made the difference.
  rig.fleet.PutAdvice(rig.key, {{"app", advice}}, {.mode = api::Mode::kAutoPatch});
  CHECK(rig.Until([&] { return rig.patches() == 1; }));
}

}  // namespace
}  // namespace plimsoll::testing
