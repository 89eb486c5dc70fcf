// SPDX-License-Identifier: Apache-2.0
//
// The adversarial corpus: every file of scenarios/ is played or told, and its right answer checked.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "advisor/recommend/explanation.h"
#include "advisor/recommend/reason.h"
#include "advisor/replay/engines.h"
#include "advisor/replay/families.h"
#include "advisor/replay/variants.h"
#include "operator/api/objective.h"
#include "operator/cli/advise_command.h"
#include "tests/advisor/replay/scenario_file.h"
#include "tests/operator/cli/run_command.h"

namespace plimsoll::replay {
namespace {

std::vector<std::string> Files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(PLIMSOLL_SCENARIOS)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What is wrong with the explanation of an advice; empty: both numbers follow from it.
std::string Unexplained(const recommend::Recommendation& advice) {
  const Status verified = recommend::Verify(advice.explanation);
  if (!verified) return verified.error().message();
  const auto last = [&advice](std::string_view name) {
    std::optional<Bytes> result;
    for (const auto& step : advice.explanation.steps) {
      if (step.name == name) result = Bytes::FromDouble(step.result);
    }
    return result;
  };
  if (last("limit") != advice.limit) return "the limit is not the last step of that name";
  if (last("request") != advice.request) return "the request is not the last step of that name";
  return "";
}

// Plimsoll's engine with somebody who asks it to explain itself every hour and after every kill.
class Watched final : public Engine {
 public:
  explicit Watched(Engine& engine, bool explains) : engine_(engine), explains_(explains) {}

  void Poll(std::string_view pod, TimePoint time, Bytes working_set) override {
    engine_.Poll(pod, time, working_set);
  }
  void Observe(std::string_view pod, const model::MemoryDigest& digest) override {
    engine_.Observe(pod, digest);
  }
  void Observe(std::string_view pod, const model::RuntimeStats& stats) override {
    engine_.Observe(pod, stats);
  }
  void Observe(std::string_view pod, const model::OomEvent& event,
               const Resources& in_force) override {
    kills_.push_back(event.time);
    ask_ = true;
    engine_.Observe(pod, event, in_force);
  }
  void ObserveRelease(TimePoint time, std::string_view release) override {
    engine_.ObserveRelease(time, release);
  }
  recommend::Recommendation Advise(const Situation& situation) override {
    auto advice = engine_.Advise(situation);
    if (explains_ && advice.limit) Check(situation, advice);
    return advice;
  }
  std::optional<Resources> Act(const Situation& situation) override {
    if (explains_ && (ask_ || situation.now >= asked_ + std::chrono::hours(1))) {
      (void)Advise(situation);
      asked_ = situation.now;
      ask_ = false;
    }
    return engine_.Act(situation);
  }
  [[nodiscard]] Duration Cadence() const override { return engine_.Cadence(); }

  [[nodiscard]] const std::vector<TimePoint>& kills() const { return kills_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }
  [[nodiscard]] int checked() const { return checked_; }

 private:
  void Check(const Situation& situation, const recommend::Recommendation& advice) {
    ++checked_;
    std::string wrong = Unexplained(advice);
    const bool tells = std::ranges::any_of(
        advice.reasons, [](const auto& reason) { return reason.code == "RecentOom"; });
    const auto minute = [](TimePoint time) {
      return std::chrono::floor<std::chrono::minutes>(time);
    };
    const bool killed =
        !kills_.empty() && minute(situation.now) - minute(kills_.back()) <= std::chrono::hours(24);
    if (wrong.empty() && killed != tells) wrong = "kills of the last day and RecentOom disagree";
    if (problem_.empty() && !wrong.empty()) {
      problem_ = std::to_string((situation.now - SimulationOptions().start).count() / 1000) +
                 " s after the start: " + wrong;
    }
  }

  Engine& engine_;
  bool explains_;
  bool ask_ = false;
  TimePoint asked_{};
  std::vector<TimePoint> kills_;
  std::string problem_;
  int checked_ = 0;
};

struct Result {
  Outcome outcome;
  recommend::Recommendation last;
  double base = 0;
  double highest_limit = 0;
  double largest_cut = 0;  // of one minute, as a share of the limit before
  std::int64_t kills_since = 0;
};

void ReadTimeline(const Timeline& timeline, Result& result) {
  double before = 0;
  for (const auto& point : timeline) {
    const double limit = point.limit;
    result.highest_limit = std::max(result.highest_limit, limit);
    if (limit < before) result.largest_cut = std::max(result.largest_cut, 1 - limit / before);
    before = limit;
  }
}

// "lease@Reliability": variant and objective.
Result Play(const Scenario& scenario, const ScenarioRun& run, const std::string& name, int seed,
            bool lossy) {
  const auto family = FindFamily(scenario.family);
  REQUIRE_MESSAGE(family.has_value(), scenario.path);
  const auto at = name.find('@');
  const auto variant = FindVariant(name.substr(0, at));
  REQUIRE_MESSAGE(variant.has_value(), scenario.path);
  auto workload = Generate(**family, static_cast<std::uint64_t>(seed), run.days);
  if (run.stop_hours > 0) workload.minutes.resize(static_cast<std::size_t>(run.stop_hours) * 60);
  const auto engine = MakeEngine(variant->engine);
  REQUIRE_MESSAGE(engine.has_value(), scenario.path);
  SimulationOptions options;
  if (lossy) {
    options.digest_loss = scenario.loss;
    options.clock_skew = std::chrono::seconds(scenario.skew_seconds);
  }
  options.batch = run.batch;
  if (at != std::string::npos) {
    const auto objective = api::ObjectiveFlag(name.substr(at + 1));
    REQUIRE_MESSAGE(objective.has_value(), scenario.path);
    options.policy.objective = *objective;
  }
  if (run.min_allowed > 0)
    options.policy.min_allowed = Bytes::FromDouble(run.min_allowed * workload.traits.base);
  options = OptionsOf(*variant, options);
  Timeline timeline;
  const bool explains = variant->engine == "lease";
  Watched watched(**engine, explains);
  Result result{.outcome = Simulate(workload, watched, options, &timeline),
                .last = {},
                .base = workload.traits.base};
  Situation situation{.now = options.start + std::chrono::minutes(workload.minutes.size()),
                      .in_force = {Bytes::FromDouble(timeline.back().request),
                                   Bytes::FromDouble(timeline.back().limit)},
                      .batch = options.batch,
                      .policy = options.policy,
                      .guard = options.guard};
  situation.constraints.node_allocatable = options.node_allocatable;
  result.last = watched.Advise(situation);
  CHECK_MESSAGE(watched.problem() == "", scenario.path << ", " << name << ", seed " << seed);
  if (explains) CHECK(watched.checked() > 0);
  ReadTimeline(timeline, result);
  const TimePoint since = options.start + std::chrono::hours(run.since_hours);
  result.kills_since =
      std::ranges::count_if(watched.kills(), [since](TimePoint kill) { return kill >= since; });
  return result;
}

double Measure(const std::string& name, const Result& result, const std::optional<Result>& rival) {
  const Outcome& o = result.outcome;
  const auto of_base = [](const std::optional<Bytes>& bytes, const Result& of) {
    return bytes ? bytes->AsDouble() / of.base : -1;
  };
  const auto beside = [&]() -> const Result& {
    REQUIRE_MESSAGE(rival.has_value(), name << " needs a rival");
    return *rival;
  };
  const std::map<std::string, std::function<double()>> measures = {
      {"kills", [&] { return static_cast<double>(o.kills); }},
      {"kills_since", [&] { return static_cast<double>(result.kills_since); }},
      {"kills_over_rival", [&] { return static_cast<double>(o.kills - beside().outcome.kills); }},
      {"repeat_kills", [&] { return static_cast<double>(o.repeat_kills); }},
      {"kills_after_cut", [&] { return static_cast<double>(o.kills_after_cut); }},
      {"limit_changes", [&] { return static_cast<double>(o.limit_changes); }},
      {"flips", [&] { return static_cast<double>(o.flips); }},
      {"limit_slack", [&] { return o.LimitSlack(); }},
      {"request_slack_over_rival",
       [&] { return o.RequestSlack() - beside().outcome.RequestSlack(); }},
      {"over_request_share", [&] { return o.over_request_minutes / o.up_minutes; }},
      {"thrash_share", [&] { return o.thrash_minutes / o.up_minutes; }},
      {"largest_cut", [&] { return result.largest_cut; }},
      {"highest_limit", [&] { return result.highest_limit / result.base; }},
      {"last_limit", [&] { return of_base(result.last.limit, result); }},
      {"last_request", [&] { return of_base(result.last.request, result); }},
      {"last_limit_of_rival",
       [&] { return of_base(result.last.limit, result) / of_base(beside().last.limit, beside()); }},
      {"last_request_of_rival",
       [&] {
         return of_base(result.last.request, result) / of_base(beside().last.request, beside());
       }},
  };
  const auto found = measures.find(name);
  REQUIRE_MESSAGE(found != measures.end(), "no measure " << name);
  return found->second();
}

bool Exists(const std::string& code) {
  for (int i = 0; i < static_cast<int>(recommend::ReasonCode::kCount); ++i) {
    if (Name(static_cast<recommend::ReasonCode>(i)) == code) return true;
  }
  return false;
}

void CheckReasons(const Expectation& expect, const std::vector<recommend::Reason>& reasons) {
  const auto has = [&reasons](const std::string& code) {
    return std::ranges::any_of(reasons, [&code](const auto& each) { return each.code == code; });
  };
  std::string all;
  for (const auto& reason : reasons) all += reason.code + " ";
  CAPTURE(all);
  for (const auto* expected : {&expect.reasons_all, &expect.reasons_none, &expect.reasons_any}) {
    // A code that does not exist is never given, and asking for its absence would check nothing.
    for (const auto& code : *expected) CHECK_MESSAGE(Exists(code), "no such reason: " << code);
  }
  for (const auto& code : expect.reasons_all) CHECK_MESSAGE(has(code), code);
  for (const auto& code : expect.reasons_none) CHECK_MESSAGE(!has(code), code);
  if (!expect.reasons_any.empty()) {
    CHECK(std::any_of(expect.reasons_any.begin(), expect.reasons_any.end(), has));
  }
  if (!expect.says.empty()) {
    CHECK(std::ranges::any_of(reasons, [&expect](const auto& reason) {
      return reason.message.find(expect.says) != std::string::npos;
    }));
  }
}

TEST_CASE("Corpus: all forty cases are there, by number") {
  const auto files = Files();
  REQUIRE(files.size() == 40);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto name = std::filesystem::path(files[i]).filename().string();
    CHECK(std::stoul(name.substr(0, 2)) == i + 1);
  }
}

TEST_CASE("Corpus: every scenario that is played has the right outcome") {
  for (const auto& file : Files()) {
    const Scenario scenario = LoadScenario(file);
    for (const auto& run : scenario.runs) {
      for (const int seed : scenario.seeds) {
        const auto result = Play(scenario, run, run.engine, seed, true);
        std::optional<Result> rival;
        if (!run.rival.empty()) rival = Play(scenario, run, run.rival, seed, false);
        CAPTURE(file);
        CAPTURE(run.engine);
        CAPTURE(seed);
        for (const auto& [name, bounds] : run.expect.bounds) {
          const double value = Measure(name, result, rival);
          CHECK_MESSAGE((value >= bounds.first && value <= bounds.second), name << " is " << value);
        }
        CheckReasons(run.expect, result.last.reasons);
      }
    }
  }
}

// As a user has it: the explanation from the answer's own line.
recommend::Recommendation Answered(const nlohmann::json& answer) {
  recommend::Recommendation advice;
  advice.limit = Bytes(answer.at("limit").get<std::int64_t>());
  advice.request = Bytes(answer.at("request").get<std::int64_t>());
  for (const auto& reason : answer.at("reasons"))
    advice.reasons.push_back(
        {reason.at("code").get<std::string>(), reason.at("message").get<std::string>()});
  for (const auto& step : answer.at("explanation")) {
    recommend::Step read;
    read.name = step.at("name").get<std::string>();
    read.result = step.at("result").get<double>();
    for (int op = 0; op <= static_cast<int>(recommend::Op::kMedian); ++op) {
      if (step.at("op") == recommend::Name(static_cast<recommend::Op>(op)))
        read.op = static_cast<recommend::Op>(op);
    }
    for (const auto& term : step.at("terms"))
      read.terms.push_back({term.at("name").get<std::string>(), term.at("value").get<double>()});
    advice.explanation.steps.push_back(std::move(read));
  }
  return advice;
}

TEST_CASE("Corpus: every scenario that is told gets the right advice") {
  for (const auto& file : Files()) {
    const Scenario scenario = LoadScenario(file);
    if (scenario.json_lines.empty()) continue;
    CAPTURE(file);
    const auto ran = cli::Run(cli::AdviseCommand, {"-"}, scenario.json_lines);
    CHECK(ran.status == 0);
    // Of what is told late on purpose a note says so.
    CHECK((ran.err == "" || ran.err.find("is before its event of") != std::string::npos));
    const auto answer = nlohmann::json::parse(ran.out);
    for (const auto& [name, bounds] : scenario.answer.bounds) {
      const auto& told = answer.at(name);
      const double value = told.is_boolean() ? told.get<bool>() : told.get<double>();
      CHECK_MESSAGE((value >= bounds.first && value <= bounds.second), name << " is " << value);
    }
    const auto advice = Answered(answer);
    CHECK(Unexplained(advice) == "");
    CheckReasons(scenario.answer, advice.reasons);
  }
}

TEST_CASE("Corpus: no number is made up where nothing was seen") {
  const auto engine = MakeEngine("lease");
  REQUIRE(engine.has_value());
  const auto advice = (*engine)->Advise({.now = SimulationOptions().start});
  CHECK_FALSE(advice.limit);
  CHECK_FALSE(advice.request);
}

}  // namespace
}  // namespace plimsoll::replay
