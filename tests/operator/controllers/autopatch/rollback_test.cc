// SPDX-License-Identifier: Apache-2.0
//
// A cut that hurts is taken back, and left alone for long.
#include "operator/controllers/checkpoint/rollout_text.h"
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

// A pod cut once, from 512 MiB.
void CutOnce(Rig& rig) {
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.Pass(10s);
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") < 512_MiB; }));
  rig.Pass(5s);
}

TEST_CASE("Autopatch: a kill after a cut takes it back at once, and no cut follows for a day") {
  Rig rig;
  CutOnce(rig);
  rig.Kill("web-0");
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") == 512_MiB; }, 2s));
  CHECK(rig.Told("PatchRolledBack", "kill"));
  REQUIRE(rig.carried().last_patch);
  CHECK(rig.carried().last_patch->result == api::PatchResult::kRolledBack);
  CHECK(rig.autopatch.counters().rolled_back == 1);

  const std::size_t patches = rig.patches();
  rig.Pass(20h, 30min);
  CHECK(rig.patches() == patches);
  CHECK(rig.reason() == "RolledBack");
}

TEST_CASE("Autopatch: a cut whose answer was lost is taken back after a kill like any other") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.Pass(10s);
  rig.node.AnswerNext(0, "");  // taken, and the connection ends before the answer
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") < 512_MiB; }));
  rig.Pass(5s);
  CHECK(rig.autopatch.counters().applied == 1);
  CHECK(rig.Told("Patched", "limit 512Mi->"));

  rig.Kill("web-0");
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") == 512_MiB; }, 2s));
  CHECK(rig.autopatch.counters().rolled_back == 1);
  CHECK(rig.Told("PatchRolledBack", "kill"));
}

TEST_CASE("Autopatch: a cut that its operator was killed over is known to the next one") {
  std::string stored;
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.on_store = [&] {
    CHECK(rig.patches() == 0);
    stored = checkpoint::WriteRemembered(
                 {.progress = rig.fleet.Snapshot(rig.key)->progress, .kills = {}})
                 .text;
    return Status{};
  };
  rig.Start();
  rig.Pass(10s);
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") < 512_MiB; }));
  rig.Pass(5s);
  // All that the first one knew after it had sent the cut goes with it.
  const auto remembered = checkpoint::ReadRemembered(stored);
  REQUIRE(remembered);
  CHECK_FALSE(remembered->progress.last_cut.contains("app"));
  rig.fleet.Restore(rig.key, {}, {}, remembered->progress);
  rig.Pass(2s);
  CHECK(rig.fleet.Snapshot(rig.key)->progress.last_cut.at("app").from == 512_MiB);

  rig.Kill("web-0");
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  CHECK(rig.Until([&] { return rig.node.KernelLimit("web-0") == 512_MiB; }, 2s));
  CHECK(rig.autopatch.counters().rolled_back == 1);
}

TEST_CASE("Autopatch: a cut that cannot be written down is not sent") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.on_store = [] { return Fail(ErrorCode::kRetryable, "the API server is away"); };
  rig.Start();
  rig.Pass(10s);
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  rig.Pass(30s);
  CHECK(rig.patches() == 0);
  CHECK(rig.carried().reason.message.find("the API server is away") != std::string::npos);
  rig.on_store = [] { return Status{}; };
  CHECK(rig.Until([&] { return rig.patches() == 1; }));
}

TEST_CASE("Autopatch: a cut that was refused is not waited for") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.Pass(10s);
  rig.node.AnswerNext(422, "spec.containers[0].resources: Invalid value");
  rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
  REQUIRE(rig.Until([&] { return rig.autopatch.counters().refused == 1; }));
  CHECK(rig.fleet.Snapshot(rig.key)->progress.pods.at(rig.node.Uid("web-0")).unanswered.empty());
}

TEST_CASE("Autopatch: a container that was cut and ends with an error gets its memory back") {
  Rig rig;
  CutOnce(rig);
  rig.Pass(1min, 10s);
  rig.node.Restart("web-0", 2, "Error");  // a runtime that found no memory
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") == 512_MiB; }, 2s));
  CHECK(rig.Told("PatchRolledBack", "ended with an error"));
  const std::size_t patches = rig.patches();
  rig.Pass(10h, 30min);
  CHECK(rig.patches() == patches);
}

TEST_CASE("Autopatch: an end that the cut did not bring changes nothing") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  SUBCASE("an error before the cut") {
    rig.Pass(10s);
    rig.node.Restart("web-0", 2, "Error");
    rig.Pass(10s);
    rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
    REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  }
  SUBCASE("a good end after it") {
    rig.Advise(32_MiB, 200_MiB, /*may_shrink=*/true);
    REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
    rig.Pass(10s);
    rig.node.Restart("web-0", 0, "Completed");
  }
  SUBCASE("an error an hour after it") {
    rig.Advise(32_MiB, 435_MiB, /*may_shrink=*/true);
    REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
    rig.Pass(1h, 1min);
    rig.node.Restart("web-0", 2, "Error");
  }
  rig.Pass(2min, 10s);
  CHECK(rig.autopatch.counters().rolled_back == 0);
  CHECK(rig.node.SpecLimit("web-0") < 512_MiB);
}

}  // namespace
}  // namespace plimsoll::testing
