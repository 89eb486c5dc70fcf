// SPDX-License-Identifier: Apache-2.0
//
// What the server can do is one of three: it can, it cannot, nobody knows yet.
#include "operator/controllers/autopatch/server_ability.h"

#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE("ServerAbility: what it serves is not known, its version is; on an error both stay") {
  ManualClock clock;
  ScriptedNode node(clock);
  const auto client = MakeClient(node.url(), nullptr, {}, /*max_retries=*/0);
  autopatch::ServerAbility server(*client);
  CHECK_FALSE(server.Now());
  CHECK_FALSE(server.CanGrow());
  CHECK(server.problem().empty());

  node.SetDiscoveryDown(true);
  REQUIRE_FALSE(server.Ask());
  CHECK(server.version());
  CHECK_FALSE(server.Now());
  CHECK(server.problem().find("503") != std::string::npos);

  node.SetDiscoveryDown(false);
  REQUIRE(server.Ask());
  CHECK(server.CanGrow());
  CHECK(server.problem().empty());

  node.SetDiscoveryDown(true);
  REQUIRE_FALSE(server.Ask());
  CHECK(server.CanGrow());
}

TEST_CASE("ServerAbility: a version that resizes nothing says so, whatever else is answered") {
  ManualClock clock;
  ScriptedNode node(clock);
  node.SetServer(32);
  node.SetDiscoveryDown(true);
  const auto client = MakeClient(node.url(), nullptr, {}, /*max_retries=*/0);
  autopatch::ServerAbility server(*client);
  REQUIRE(server.Ask());
  REQUIRE(server.Now());
  CHECK_FALSE(server.CanGrow());
}

TEST_CASE("Autopatch: before the server has told what it can do, nobody says that it cannot") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start(/*ask=*/false);
  rig.Kill("web-0");
  rig.Advise(100_MiB, 160_MiB);
  rig.Pass(10s);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "Pending");
  CHECK(rig.carried().reason.message.find("has not told yet") != std::string::npos);

  rig.AskServer();
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.KernelLimit("web-0") == 160_MiB);
}

}  // namespace
}  // namespace plimsoll::testing
