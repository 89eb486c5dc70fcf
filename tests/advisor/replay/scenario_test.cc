// SPDX-License-Identifier: Apache-2.0
//
// The adversarial corpus: every file of scenarios/ is played or told, and its right answer checked.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "advisor/recommend/explanation.h"
#include "advisor/recommend/reason.h"
#include "advisor/replay/engines.h"
#include "advisor/replay/families.h"
#include "advisor/replay/variants.h"
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

struct Result {
  Outcome outcome;
  recommend::Recommendation last;
  double base = 0;
};

Result Play(const Scenario& scenario, const ScenarioRun& run, int seed) {
  const auto family = FindFamily(scenario.family);
  REQUIRE_MESSAGE(family.has_value(), scenario.path);
  const auto variant = FindVariant(run.engine);
  REQUIRE_MESSAGE(variant.has_value(), scenario.path);
  const auto workload = Generate(**family, static_cast<std::uint64_t>(seed), run.days);
  const auto engine = MakeEngine(variant->engine);
  SimulationOptions options;
  options.digest_loss = scenario.loss;
  options.clock_skew = std::chrono::seconds(scenario.skew_seconds);
  options = OptionsOf(*variant, options);
  Timeline timeline;
  Result result{.outcome = Simulate(workload, **engine, options, &timeline),
                .last = {},
                .base = workload.traits.base};
  Situation situation{.now = options.start + std::chrono::minutes(workload.minutes.size()),
                      .in_force = Resources{Bytes::FromDouble(timeline.back().request),
                                            Bytes::FromDouble(timeline.back().limit)},
                      .guard = options.guard};
  situation.constraints.node_allocatable = options.node_allocatable;
  result.last = (*engine)->Advise(situation);
  return result;
}

double Measure(const std::string& name, const Result& result) {
  const Outcome& o = result.outcome;
  const auto of_base = [&result](const std::optional<Bytes>& bytes) {
    return bytes ? bytes->AsDouble() / result.base : -1;
  };
  const std::map<std::string, std::function<double()>> measures = {
      {"kills", [&] { return static_cast<double>(o.kills); }},
      {"repeat_kills", [&] { return static_cast<double>(o.repeat_kills); }},
      {"kills_after_cut", [&] { return static_cast<double>(o.kills_after_cut); }},
      {"limit_changes", [&] { return static_cast<double>(o.limit_changes); }},
      {"flips", [&] { return static_cast<double>(o.flips); }},
      {"limit_slack", [&] { return o.LimitSlack(); }},
      {"over_request_share", [&] { return o.over_request_minutes / o.up_minutes; }},
      {"last_limit", [&] { return of_base(result.last.limit); }},
      {"last_request", [&] { return of_base(result.last.request); }},
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

void CheckReasons(const Expectation& expect, const std::vector<std::string>& codes) {
  const auto has = [&codes](const std::string& code) {
    return std::find(codes.begin(), codes.end(), code) != codes.end();
  };
  std::string all;
  for (const auto& code : codes) all += code + " ";
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
        const auto result = Play(scenario, run, seed);
        CAPTURE(file);
        CAPTURE(run.engine);
        CAPTURE(seed);
        for (const auto& [name, bounds] : run.expect.bounds) {
          const double value = Measure(name, result);
          CHECK_MESSAGE((value >= bounds.first && value <= bounds.second), name << " is " << value);
        }
        std::vector<std::string> codes;
        for (const auto& reason : result.last.reasons) codes.push_back(reason.code);
        CheckReasons(run.expect, codes);
      }
    }
  }
}

TEST_CASE("Corpus: every scenario that is told gets the right advice") {
  for (const auto& file : Files()) {
    const Scenario scenario = LoadScenario(file);
    if (scenario.json_lines.empty()) continue;
    CAPTURE(file);
    const auto ran = cli::Run(cli::AdviseCommand, {"-"}, scenario.json_lines);
    CHECK(ran.err == "");
    const auto answer = nlohmann::json::parse(ran.out);
    for (const auto& [name, bounds] : scenario.answer.bounds) {
      const auto value = answer.at(name).get<double>();
      CHECK_MESSAGE((value >= bounds.first && value <= bounds.second), name << " is " << value);
    }
    std::vector<std::string> codes;
    for (const auto& reason : answer.at("reasons")) codes.push_back(reason.at("code"));
    CheckReasons(scenario.answer, codes);
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
