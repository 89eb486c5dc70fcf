// SPDX-License-Identifier: Apache-2.0
//
// What the API server may answer to a resize.
#include <algorithm>

#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

void StartKilled(Rig& rig) {
  rig.node.AddPod("web-0", 32_MiB, 64_MiB);
  rig.Start();
  rig.Tick();
  rig.Kill("web-0");
}

TEST_CASE("Autopatch: 429, 500 and 503 are tried again until they pass, without a word to users") {
  for (const int code : {429, 500, 503}) {
    CAPTURE(code);
    Rig rig;
    StartKilled(rig);
    for (int i = 0; i < 4; ++i) rig.node.AnswerNext(code, "later");
    rig.Advise(100_MiB, 160_MiB);
    REQUIRE(rig.Until([&] { return rig.Settled(); }));
    CHECK(rig.patches() == 5);
    CHECK(rig.node.KernelLimit("web-0") == 160_MiB);
    CHECK_FALSE(rig.node.events().Has("PatchFailed"));
    CHECK(rig.autopatch.counters().refused == 0);
  }
}

TEST_CASE("Autopatch: 409 means look again, not refused") {
  Rig rig;
  StartKilled(rig);
  rig.node.AnswerNext(409, "the object has been modified");
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.Patches().size() == 2);
  CHECK_FALSE(rig.node.events().Has("PatchFailed"));
  CHECK(rig.autopatch.counters().refused == 0);
}

TEST_CASE("Autopatch: a quota that refuses the request gets the limit alone, and is named") {
  Rig rig;
  StartKilled(rig);
  rig.node.AnswerNext(403, "exceeded quota: team, requested: requests.memory=68Mi");
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") == 160_MiB; }, 20s));
  CHECK(rig.patches() == 2);
  CHECK_FALSE(rig.node.Patches().at(1).request);
  rig.Pass(30s);
  CHECK(rig.reason() == "QuotaExceeded");
  CHECK(rig.carried().reason.message.find("team") != std::string::npos);
  CHECK(rig.Told("PatchFailed", "exceeded quota"));
}

TEST_CASE("Autopatch: what is refused for good is not repeated before the hold ends or a kill") {
  const std::pair<int, const char*> refusals[] = {
      {403, "User \\\"o\\\" cannot patch resource \\\"pods/resize\\\""},
      {422, "spec: Forbidden: pod updates may not change fields"}};
  for (const auto& [code, text] : refusals) {
    CAPTURE(code);
    Rig rig;
    StartKilled(rig);
    for (int i = 0; i < 3; ++i) rig.node.AnswerNext(code, text);
    rig.Advise(100_MiB, 160_MiB);
    rig.Pass(8min, 15s);
    CHECK(rig.patches() == 2);  // with the request, then the limit alone
    CHECK(rig.reason() == (code == 403 ? "NotPermitted" : "ResizeInfeasible"));
    CHECK(rig.Told("PatchFailed", text));

    rig.Kill("web-0");
    REQUIRE(rig.Until([&] { return rig.patches() == 3; }, 20s));
    rig.Pass(5min, 15s);
    CHECK(rig.patches() == 3);
    REQUIRE(rig.Until([&] { return rig.node.KernelLimit("web-0") == 160_MiB; }, 30min, 15s));
  }
}

TEST_CASE("Autopatch: a pod replaced between look and patch is not taken for its namesake") {
  Rig rig;
  StartKilled(rig);
  const std::string first = rig.node.Uid("web-0");
  rig.node.OnNextPatch([&] { rig.node.Replace("web-0", 32_MiB, 64_MiB); });
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  REQUIRE(rig.node.Uid("web-0") != first);
  const auto patches = rig.node.Patches();
  REQUIRE(patches.size() >= 2);
  CHECK(patches.front().answer != 200);
  CHECK(std::ranges::count(patches, 200, &SeenPatch::answer) == 1);
  CHECK_FALSE(rig.node.events().Has("PatchFailed"));
  CHECK(rig.autopatch.counters().refused == 0);
}

TEST_CASE("Autopatch: a pod that went away between look and patch is no failure") {
  Rig rig;
  StartKilled(rig);
  rig.node.OnNextPatch([&] { rig.node.Remove("web-0"); });
  rig.Advise(100_MiB, 160_MiB);
  rig.Pass(30s);
  CHECK(rig.patches() >= 1);
  for (const SeenPatch& patch : rig.node.Patches()) CHECK(patch.answer == 404);
  CHECK_FALSE(rig.node.events().Has("PatchFailed"));
}

TEST_CASE("Autopatch: 404 of a pod that is there still, by a server that resizes: look again") {
  Rig rig;
  StartKilled(rig);
  rig.node.AnswerNext(404, "pods \"web-0\" not found");
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.Asked() == 2);  // at the start, and then
  CHECK(rig.node.KernelLimit("web-0") == 160_MiB);
  CHECK_FALSE(rig.node.events().Has("PatchFailed"));
}

TEST_CASE("Autopatch: 404 by a server that serves no resize: advice alone, said so, asked once") {
  Rig rig;
  StartKilled(rig);
  rig.node.SetServer(33, /*serves_resize=*/false);  // its feature gate was switched off
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.reason() == "ResizeUnsupported"; }));
  CHECK(rig.carried().reason.message.find("template") != std::string::npos);
  rig.Kill("web-0");
  rig.Urgent("web-0", 63_MiB);
  rig.Pass(5min, 10s);
  CHECK(rig.patches() == 1);
  CHECK(rig.node.Asked() == 2);
  CHECK(rig.reason() == "ResizeUnsupported");
  CHECK_FALSE(rig.node.events().Has("PatchFailed"));

  rig.node.SetServer(34);
  rig.AskServer();
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.node.KernelLimit("web-0") == 160_MiB);
}

TEST_CASE("Autopatch: a server that serves no resize from the start is asked for none") {
  Rig rig;
  rig.node.SetServer(33, /*serves_resize=*/false);
  StartKilled(rig);
  rig.Advise(100_MiB, 160_MiB);
  rig.Urgent("web-0", 63_MiB);
  rig.Pass(2min, 5s);
  CHECK(rig.patches() == 0);
  CHECK(rig.reason() == "ResizeUnsupported");
}

TEST_CASE("Autopatch: a resize that was taken though its answer was lost is not a failure") {
  Rig rig;
  StartKilled(rig);
  rig.node.AnswerNext(0, "");
  rig.Advise(100_MiB, 160_MiB);
  REQUIRE(rig.Until([&] { return rig.Settled(); }, 5min));
  CHECK(rig.node.KernelLimit("web-0") == 160_MiB);
  CHECK_FALSE(rig.node.events().Has("PatchFailed"));
}

}  // namespace
}  // namespace plimsoll::testing
