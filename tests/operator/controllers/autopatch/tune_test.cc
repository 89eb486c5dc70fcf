// SPDX-License-Identifier: Apache-2.0
//
// The runtime and its limit, in the right order and each told once.
#include "tests/operator/controllers/autopatch/go_service.h"
#include "tests/operator/controllers/autopatch/rig.h"

namespace plimsoll::testing {
namespace {

TEST_CASE("Autopatch: a runtime is told its settings once, though its stats show them later") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  const auto report = [&](Bytes limit) {
    rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), limit));
  };
  report(460_MiB);
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return !rig.tuned.empty(); }));
  CHECK(rig.patches() == 0);
  for (int i = 0; i < 3; ++i) {  // stats from before the Tune
    report(460_MiB);
    rig.Pass(15s);
  }
  CHECK(rig.tuned.size() == 1);
  CHECK(rig.patches() == 0);  // no cut below what the runtime still believes in
  CHECK(rig.carried().reason.message.find("was told") != std::string::npos);

  report(Bytes(static_cast<std::int64_t>(rig.tuned.at(0).at(0).number)));
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  CHECK(rig.tuned.size() == 1);
}

TEST_CASE("Autopatch: a new run of the container is told anew") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));
  rig.node.Restart("web-0", 0, "Completed");
  rig.Tick();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  CHECK(rig.Until([&] { return rig.tuned.size() == 2; }));
}

TEST_CASE("Autopatch: growing, the limit is in the kernel before the runtime is told") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 128_MiB);
  rig.node.SetKubelet(Kubelet::kSaysSoOnly);
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 115_MiB));
  rig.Advise(GoAdvice(64_MiB, 256_MiB));
  rig.Pass(20s);
  CHECK(rig.patches() == 1);
  CHECK(rig.tuned.empty());
  rig.node.SetKubelet(Kubelet::kObeys);
  rig.node.LookAgain();
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));
  CHECK(rig.tuned.at(0).at(0).number == doctest::Approx((256_MiB * Ratio(0.9)).AsDouble()));
}

TEST_CASE("Autopatch: a runtime that refuses its settings is not cut under them") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.tune_answer = [] { return Fail(ErrorCode::kInvalid, "GOMEMLIMIT is the user's own"); };
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));
  for (Duration passed{}; passed < 8min; passed += 15s) {
    rig.Tick(15s);
    CHECK(rig.reason() == "TuneRefused");
    CHECK(rig.carried().reason.message.find("GOMEMLIMIT is the user's own") != std::string::npos);
  }
  CHECK(rig.tuned.size() == 1);
  CHECK(rig.patches() == 0);
  CHECK(rig.autopatch.counters().refused == 1);
  CHECK(rig.Told("PatchFailed", "the user's own"));

  // It is asked again, and says yes: nothing is left of the refusal.
  rig.tune_answer = [] { return Status{}; };
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 2; }, 10min, 15s));
  const Bytes taken(static_cast<std::int64_t>(rig.tuned.at(1).at(0).number));
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), taken));
  REQUIRE(rig.Until([&] { return rig.patches() == 1; }));
  CHECK(rig.reason() != "TuneRefused");
}

TEST_CASE(
    "Autopatch: at its limit and refusing its settings, a workload is not where it should be") {
  Rig rig;
  rig.node.AddPod("web-0", 64_MiB, 256_MiB);
  rig.tune_answer = [] { return Fail(ErrorCode::kInvalid, "GOMEMLIMIT is the user's own"); };
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 115_MiB));
  rig.Advise(GoAdvice(64_MiB, 256_MiB));
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));
  rig.Pass(3min, 15s);
  CHECK_FALSE(rig.Settled());
  CHECK(rig.reason() == "TuneRefused");
  CHECK(rig.carried().reason.message.find("the user's own") != std::string::npos);

  // Somebody sets it by hand: nothing is refused any more.
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"),
                        GoStats(rig.clock->Now(), 256_MiB * Ratio(0.9)));
  REQUIRE(rig.Until([&] { return rig.Settled(); }));
  CHECK(rig.tuned.size() == 1);
}

// Ticks, with the runtime's stats each time, until it holds.
bool UntilWithStats(Rig& rig, Bytes limit, const std::function<bool()>& holds) {
  for (Duration passed{}; passed < 1h && !holds(); passed += 5s) {
    rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), limit));
    rig.Tick(5s);
  }
  rig.Settle();
  return holds();
}

TEST_CASE("Autopatch: a Tune that nobody answered is asked again, and no cut goes before it") {
  std::vector<TimePoint> asked;
  std::atomic<bool> answers{false};
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.tune_answer = [&]() -> Status {
    asked.push_back(rig.clock->Now());
    if (answers) return {};
    return Fail(ErrorCode::kConflict, "no answer within 5 s");
  };
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return rig.tuned.size() == 1; }));
  CHECK(UntilWithStats(rig, 460_MiB, [&] {
    return rig.carried().reason.message.find("no answer within 5 s") != std::string::npos;
  }));
  REQUIRE(UntilWithStats(rig, 460_MiB, [&] { return rig.tuned.size() >= 2; }));
  CHECK(asked.at(1) - asked.at(0) >= 30s);
  SUBCASE("it is answered at last") {
    answers = true;
    REQUIRE(UntilWithStats(rig, 460_MiB, [&] { return rig.autopatch.counters().tuned == 1; }));
  }
  SUBCASE("it was taken all the same") {}
  CHECK(rig.patches() == 0);
  CHECK(rig.autopatch.counters().refused == 0);
  const Bytes taken(static_cast<std::int64_t>(rig.tuned.at(0).at(0).number));
  CHECK(UntilWithStats(rig, taken, [&] { return rig.patches() == 1; }));
  CHECK(rig.Told("RuntimeTuned", "GOMEMLIMIT"));
  CHECK(rig.autopatch.counters().tuned == 1);
}

TEST_CASE("Autopatch: no cut by advice that was made before the runtime told of itself") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  rig.fleet.TakeRuntime(rig.node.ContainerId("web-0"), GoStats(rig.clock->Now(), 460_MiB));
  fleet::Advice before = GoAdvice(32_MiB, 200_MiB);
  before.recommendation.settings.clear();
  before.knows_runtime = false;
  rig.Advise(before);
  REQUIRE(rig.Until([&] { return !rig.carried().reason.message.empty(); }));
  rig.Pass(30s, 5s);
  CHECK(rig.patches() == 0);
  CHECK(rig.carried().reason.message.find("takes it in first") != std::string::npos);
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return !rig.tuned.empty(); }));
  CHECK(rig.patches() == 0);
}

TEST_CASE("Autopatch: no cut under a runtime that is there and does not tell what it has set") {
  Rig rig;
  rig.node.AddPod("web-0", 32_MiB, 512_MiB);
  rig.node.SetUsage("web-0", 60_MiB);
  rig.Start();
  bool silent_for_good = true;
  SUBCASE("its endpoint fails") {
    (void)rig.fleet.TakeRuntimeProblem(rig.node.ContainerId("web-0"), "did not answer within 2 s");
  }
  SUBCASE("it was seen in an earlier life of ours, and not since") { silent_for_good = false; }
  rig.Advise(GoAdvice(32_MiB, 200_MiB));
  REQUIRE(rig.Until([&] { return rig.reason() == "TelemetryStale"; }));
  CHECK(rig.patches() == 0);
  if (silent_for_good) {
    rig.Pass(20min, 15s);
    CHECK(rig.patches() == 0);
  } else {
    // A release without the SDK must not keep its memory for ever.
    CHECK(rig.Until([&] { return rig.patches() == 1; }, 1h, 15s));
  }
}

}  // namespace
}  // namespace plimsoll::testing
