// SPDX-License-Identifier: Apache-2.0
//
// A leader that has lost its lease writes nothing more.
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE("Autopatch: leadership lost between two pods stops the second patch and is no refusal") {
  Rig rig;
  for (const char* pod : {"web-0", "web-1", "web-2"}) rig.node.AddPod(pod, 32_MiB, 64_MiB);
  rig.Start();
  rig.Tick();
  rig.Kill("web-0");
  rig.node.OnNextPatch([&] { rig.leads = false; });
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  rig.Pass(1min);
  rig.Urgent("web-1", 63_MiB);
  rig.Pass(10s);
  CHECK(rig.patches() == 1);
  CHECK(rig.autopatch.counters().refused == 0);
  const auto workload = rig.fleet.Snapshot(rig.key);
  for (const auto& [uid, pod] : workload->progress.pods) {
    CHECK_FALSE(pod.refused);
    CHECK_FALSE(pod.rejected);
  }

  rig.leads = true;
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.patches() == 3);
}

TEST_CASE("Autopatch: a retry after the lease was lost is held back as well") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start();
  rig.Tick();
  rig.Kill("web-0");
  rig.node.OnNextPatch([&] { rig.leads = false; });
  rig.node.AnswerNext(429, "slow down");
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  rig.Pass(1min);
  CHECK(rig.patches() == 1);
  CHECK(rig.node.SpecLimit("web-0") == 64_MiB);
}

}  // namespace
}  // namespace plimsoll::testing
