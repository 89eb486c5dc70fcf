// SPDX-License-Identifier: Apache-2.0
//
// How many resizes a second.
#include "operator/controllers/autopatch/patch_pace.h"

#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE("PatchPace: a burst, then its rate; urgent ones have their own") {
  autopatch::PatchPace pace(2);
  Instant now{1h};
  const auto taken = [&](bool urgent) {
    int count = 0;
    while (pace.Take(urgent, now)) ++count;
    return count;
  };
  CHECK(taken(false) == 5);
  CHECK(taken(true) == 41);
  now += 3s;
  CHECK(taken(false) == 5);  // never more than the burst
  now += 1s;
  CHECK(taken(false) == 2);
  CHECK(pace.held_back(false) == 3);
  CHECK(pace.held_back(true) == 1);
  CHECK(pace.Turn(false) == 501ms);
}

TEST_CASE("Autopatch: many due pods wait for their turn and all get it; a kill does not wait") {
  Rig rig(/*minor_version=*/36, /*patches_per_second=*/0.5);
  for (int i = 0; i < 12; ++i) rig.node.AddPod("web-" + std::to_string(i), 100_MiB, 128_MiB);
  rig.Start();
  rig.Advise(200_MiB, 256_MiB);
  rig.Pass(6s);
  const std::size_t early = rig.patches();
  CHECK(early >= 2);
  CHECK(early <= 6);
  CHECK_FALSE(rig.Settled());
  CHECK(rig.reason() == "RolloutInProgress");
  CHECK(rig.carried().reason.message.find("--patches-per-second") != std::string::npos);

  rig.Kill("web-11");
  rig.Advise(200_MiB, 256_MiB);
  CHECK(rig.Until([&] { return rig.node.KernelLimit("web-11") == 256_MiB; }, 1s));
  REQUIRE(rig.Until([&] { return rig.Settled(); }, 2min));
  CHECK(rig.patches() == 12);
}

}  // namespace
}  // namespace plimsoll::testing
