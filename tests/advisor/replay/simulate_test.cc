// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/simulate.h"

#include <doctest/doctest.h>

#include "advisor/replay/agent_view.h"
#include "advisor/replay/engines.h"
#include "advisor/replay/families.h"
#include "advisor/replay/shapes.h"

namespace plimsoll::replay {
namespace {

using namespace literals;

// Never asks for anything, except once the limit it was told to set at a minute.
class ScriptedEngine final : public PollingEngine {
 public:
  ScriptedEngine() = default;
  explicit ScriptedEngine(Resources once) : once_(once) {}
  void Poll(std::string_view, TimePoint, Bytes) override { ++polls; }
  using PollingEngine::Observe;
  void Observe(std::string_view, const model::MemoryDigest& digest) override {
    if (digest.urgent) ++urgent;
    highest = std::max(highest, digest.hard_peak);
    last = digest;
  }
  void Observe(std::string_view, const model::OomEvent& event, const Resources&) override {
    kills.push_back(event);
  }
  recommend::Recommendation Advise(const Situation&) override { return {}; }
  std::optional<Resources> Act(const Situation& situation) override {
    acted.push_back(situation.now);
    return std::exchange(once_, std::nullopt);
  }
  [[nodiscard]] Duration Cadence() const override { return std::chrono::minutes(5); }

  int polls = 0;
  int urgent = 0;
  Bytes highest{};
  model::MemoryDigest last{};
  std::vector<model::OomEvent> kills;
  std::vector<TimePoint> acted;

 private:
  std::optional<Resources> once_;
};

Workload Steady(double bytes, std::int64_t minutes, double limit) {
  Workload workload;
  workload.traits.base = bytes;
  workload.traits.initial_limit = limit;
  const auto level = static_cast<float>(bytes);
  workload.minutes.assign(static_cast<std::size_t>(minutes), Minute{.level = level, .peak = level});
  return workload;
}

TEST_CASE("Simulation: a limit above demand means no kill, and slack is what is left over") {
  ScriptedEngine engine;
  const auto outcome = Simulate(Steady(300e6, 1440, 400e6), engine, {});
  CHECK(outcome.kills == 0);
  CHECK(outcome.LimitSlack() == doctest::Approx(0.25).epsilon(0.01));
  CHECK(engine.polls == 1440);
  CHECK(outcome.up_minutes == 1440);
}

TEST_CASE("Simulation: a limit below demand kills in a loop with Kubernetes' back-off") {
  ScriptedEngine engine;
  const auto outcome = Simulate(Steady(300e6, 60, 200e6), engine, {});
  // 10, 20, 40, 80, 160, 300, 300 ... seconds between a kill and the next start.
  CHECK(outcome.kills >= 11);
  CHECK(outcome.kills <= 18);
  CHECK(outcome.repeat_kills == outcome.kills - 1);
  CHECK(outcome.down_minutes > 30);
  REQUIRE(!engine.kills.empty());
  CHECK(engine.kills.front().peak == Bytes(200'000'000));
  // What was over the limit never existed: no reading shows it.
  CHECK(engine.highest <= Bytes(200'000'000));
  CHECK(engine.last.censored);
}

TEST_CASE("Simulation: what was cut off at one limit did not come to the next") {
  const Resources low{.request = 100_MiB, .limit = 100_MiB};
  const Resources high{.request = 100_MiB, .limit = 400_MiB};
  AgentView view;
  view.See(LivedMinute{}, low.limit.AsDouble(), 60, low, 0);
  CHECK(AgentView(view).Close(TimePoint(Duration(60'000)), {}).censored);
  view.See(LivedMinute{}, low.limit.AsDouble(), 60, high, 0);
  CHECK_FALSE(view.Close(TimePoint(Duration(120'000)), {}).censored);
}

TEST_CASE("Simulation: a cut below what is used is skipped, as the kubelet does") {
  ScriptedEngine engine({100_MiB, 100_MiB});
  const auto outcome = Simulate(Steady(300e6, 60, 400e6), engine, {});
  CHECK(outcome.limit_changes == 0);
  CHECK(outcome.kills == 0);
}

TEST_CASE("Simulation: a peak within a minute kills although no minute's end shows it") {
  auto workload = Steady(200e6, 60, 300e6);
  InMinutePeak(workload, 30, 1.8, 5);
  ScriptedEngine engine;
  CHECK(Simulate(workload, engine, {}).kills == 1);
}

TEST_CASE("Simulation: an urgent raise in force in time prevents the kill, one too late does not") {
  auto workload = Steady(200e6, 60, 300e6);
  Spike(workload, 30, 10, 1.8, 30);  // 5.3 MB a second; from 240 to 300 MB in 11 s
  SimulationOptions options;
  options.guard.active = true;
  options.guard.reaction = std::chrono::seconds(2);
  // A scripted answer comes at the first question, five minutes in, so the raise is asked here.
  class Raiser final : public PollingEngine {
   public:
    void Poll(std::string_view, TimePoint, Bytes) override {}
    using PollingEngine::Observe;
    void Observe(std::string_view, const model::MemoryDigest& digest) override {
      if (digest.urgent) near_ = true;
    }
    void Observe(std::string_view, const model::OomEvent&, const Resources&) override {}
    recommend::Recommendation Advise(const Situation&) override { return {}; }
    std::optional<Resources> Act(const Situation&) override {
      if (!near_) return std::nullopt;
      return Resources{200_MiB, 400_MiB};
    }
    [[nodiscard]] Duration Cadence() const override { return std::chrono::hours(24); }

   private:
    bool near_ = false;
  };
  Raiser in_time;
  CHECK(Simulate(workload, in_time, options).kills == 0);
  options.guard.reaction = std::chrono::seconds(20);
  Raiser too_late;
  CHECK(Simulate(workload, too_late, options).kills == 1);
}

TEST_CASE("Simulation: a restart replays the start-up and ends the leak") {
  auto workload = Steady(100e6, 3 * 1440, 1e9);
  workload.traits.leak_per_day = 1;
  workload.restart_every_minutes = 1440;
  ScriptedEngine engine;
  Timeline timeline;
  (void)Simulate(workload, engine, {}, &timeline);
  CHECK(timeline[1439].peak == doctest::Approx(200e6).epsilon(0.01));
  CHECK(timeline[1445].peak == doctest::Approx(100e6).epsilon(0.01));
}

TEST_CASE("Simulation: the same family and seed give the same outcome") {
  for (const auto& family : Families()) {
    CAPTURE(family.name);
    const auto once = [&family] {
      const auto engine = MakeEngine("vpa-nofloor");
      REQUIRE(engine.has_value());
      return Simulate(Generate(family, 7, 4), **engine, {});
    };
    const auto first = once();
    const auto second = once();
    CHECK(first.kills == second.kills);
    CHECK(first.limit_slack_sum == second.limit_slack_sum);
    CHECK(first.up_minutes > 0);
  }
}

TEST_CASE("Families: names are unique, and both halves are there") {
  int late = 0;
  for (const auto& family : Families()) {
    if (family.late) ++late;
    const auto found = FindFamily(family.name);
    REQUIRE(found.has_value());
    CHECK(*found == &family);
  }
  CHECK(late >= 10);
  CHECK(late < static_cast<int>(Families().size()));
  CHECK(FindFamily("no such").error().message().find("there are: flat") != std::string::npos);
}

TEST_CASE("Engines: every name makes an engine, and another name is an error that lists them") {
  for (const auto name : EngineNames()) CHECK(MakeEngine(name).has_value());
  CHECK(MakeEngine("goldilocks").error().message().find("autopilot-p98") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::replay
