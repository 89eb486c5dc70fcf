// SPDX-License-Identifier: Apache-2.0
//
// An app that does not answer a Tune holds up its own cut and nothing else.
#include <algorithm>

#include "tests/operator/controllers/autopatch/go_service.h"
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

// web-0 has 512 MiB, should get less, and its app was sent a Tune that it does not answer.
void StartHanging(Rig& rig) {
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.LeaveTunes();
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));
}

rollout::PodProgress ProgressOf(const Rig& rig, const std::string& pod) {
  const auto workload = rig.fleet.Snapshot(rig.key);
  REQUIRE(workload);
  const auto found = workload->progress.pods.find(rig.node.Uid(pod));
  return found == workload->progress.pods.end() ? rollout::PodProgress{} : found->second;
}

TEST_CASE("Autopatch: an app that hangs delays no other workload's raise, and no heartbeat") {
  Rig rig;
  rig.node.AddPod("db-0", 32_MiB, 64_MiB, "db");
  StartHanging(rig);
  const model::WorkloadKey db{"shop", "StatefulSet", "db"};
  fleet::Advice more{.max_allowed = 2_GiB};
  more.recommendation.request = 100_MiB;
  more.recommendation.limit = 160_MiB;
  rig.fleet.PutAdvice(db, {{"app", more}}, {.mode = api::Mode::kAutoPatch});
  rig.Kill("db-0");
  rig.Settle();
  CHECK(rig.node.KernelLimit("db-0") == 160_MiB);

  rig.Pass(3min, 5s);
  CHECK(rig.heartbeats.Problem().find("autopatch") == std::string::npos);
  CHECK(rig.tuned.size() == 1);  // one at a time
  CHECK(rig.node.PatchesOf("web-0").empty());
  CHECK(rig.reason() == "RuntimeFollowsLimit");

  rig.AnswerTunes({});
  const Bytes taken(static_cast<std::int64_t>(rig.tuned.at(0).at(0).number));
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), taken));
  CHECK(rig.Until([&] { return rig.node.PatchesOf("web-0").size() == 1; }));
  CHECK(rig.tuned.size() == 1);
  CHECK(rig.autopatch.counters().tuned == 1);
}

TEST_CASE("Autopatch: a kill is answered by a raise while the pod's app hangs") {
  Rig rig;
  StartHanging(rig);
  rig.Kill("web-0");
  rig.Advise(GoAdvice(64_MiB, 700_MiB));
  rig.Settle();
  CHECK(rig.node.KernelLimit("web-0") == 700_MiB);
}

TEST_CASE("Autopatch: no cut while a Tune is under way, though the stats have what it needs") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.LeaveTunes();
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 180_MiB));
  rig.Advise(GoAdvice(32_MiB, 512_MiB));
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));  // more for the runtime
  rig.Advise(GoAdvice(32_MiB, 436_MiB));
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"),
                        GoStats(rig.clock->Now(), 436_MiB * Ratio(0.9)));
  rig.Pass(1min);
  CHECK(rig.patches() == 0);  // what is under way may yet come, after such a cut
  rig.AnswerTunes({});
  CHECK(rig.Until([&] { return rig.patches() == 1; }));
}

TEST_CASE(
    "Autopatch: leadership lost while a Tune is under way: its answer is kept, no more sent") {
  Rig rig;
  StartHanging(rig);
  rig.leads = false;
  rig.AnswerTunes(Fail(ErrorCode::kConflict, "no answer within 20 s"));
  rig.Pass(3min, 5s);
  CHECK(rig.tuned.size() == 1);
  CHECK(rig.patches() == 0);
  CHECK(rig.autopatch.counters().refused == 0);
  CHECK(ProgressOf(rig, "web-0").tuned.at("app").unanswered == "no answer within 20 s");

  rig.leads = true;
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 2; }));
  CHECK(rig.autopatch.counters().tuned == 1);
}

TEST_CASE(
    "Autopatch: what the operator's end leaves unanswered is remembered for the next leader") {
  Rig rig;
  StartHanging(rig);
  rig.Stop();
  CHECK(ProgressOf(rig, "web-0").tuned.empty());
  rig.AnswerTunes(Fail(ErrorCode::kConflict, "the operator ended before the answer came"));
  const rollout::Tuned told = ProgressOf(rig, "web-0").tuned.at("app");
  CHECK(told.unanswered == "the operator ended before the answer came");
  CHECK(told.settings.at("GOMEMLIMIT") == rig.tuned.at(0).at(0).number);
}

TEST_CASE("Autopatch: a Tune that was not sent is tried again, and is not under way") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  std::atomic<int> away{3};
  rig.tune_answer = [&]() -> Status {
    if (away-- > 0) return Fail(ErrorCode::kRetryable, "the agent of node n1 is not connected");
    return {};
  };
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return rig.autopatch.counters().tuned == 1; }));
  CHECK(rig.tuned.size() == 4);
  CHECK(rig.autopatch.counters().refused == 0);
}

}  // namespace
}  // namespace plimsoll::testing
