// SPDX-License-Identifier: Apache-2.0
#include "operator/api/status_summary.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace plimsoll::api {
namespace {
using namespace literals;
using recommend::Op;
using recommend::Verdict;

recommend::Recommendation Under() {
  recommend::Recommendation answer;
  answer.verdict = Verdict::kUnderProvisioned;
  answer.request = 624_MiB;
  answer.limit = 784_MiB;
  answer.confidence = Ratio(0.929);
  return answer;
}

ContainerAdvice Advice(std::string name, MemoryAmounts current, MemoryAmounts target,
                       Verdict verdict) {
  ContainerAdvice advice;
  advice.name = std::move(name);
  advice.current = current;
  advice.target = target;
  advice.verdict = verdict;
  advice.confidence_percent = 90;
  return advice;
}

TEST_CASE("AdviceFor: the advisor's numbers, and nothing where it gave none") {
  const ContainerAdvice advice =
      AdviceFor("app", {.request = 512_MiB, .limit = 512_MiB}, Under(), nullptr);

  CHECK(advice.target == MemoryAmounts{624_MiB, 784_MiB});
  CHECK(advice.confidence_percent == 92);
  CHECK(advice.guarded == false);
  CHECK(!advice.oom.has_value());
  CHECK(!advice.runtime.has_value());

  const ContainerAdvice none = AdviceFor("app", {}, recommend::Recommendation{}, nullptr);
  CHECK(none.target == MemoryAmounts{});
  CHECK(!none.guarded.has_value());
}

TEST_CASE("AdviceFor: settings are written as their runtime writes them, rounded down") {
  recommend::Recommendation answer = Under();
  answer.settings = {{.name = "GOMEMLIMIT",
                      .delivery = recommend::Delivery::kLive,
                      .current = std::nullopt,
                      .recommended = 666.9 * 1048576,
                      .unit = "bytes"},
                     {.name = "GOGC",
                      .delivery = recommend::Delivery::kLive,
                      .current = 100,
                      .recommended = -1,
                      .unit = "percent"}};

  const ContainerAdvice advice = AdviceFor("app", {}, answer, nullptr);

  REQUIRE(advice.runtime.has_value());
  CHECK(advice.runtime->settings[0].recommended == "666MiB");
  CHECK(!advice.runtime->settings[0].current.has_value());
  CHECK(advice.runtime->settings[1].current == "100");
  CHECK(advice.runtime->settings[1].recommended == "off");
}

TEST_CASE("Summarize: one container's change as the printer column shows it") {
  const RecommendationSummary summary = Summarize(
      {Advice("app", {512_MiB, 512_MiB}, {624_MiB, 784_MiB}, Verdict::kUnderProvisioned)}, 6);

  CHECK(summary.request == "512Mi->624Mi");
  CHECK(summary.limit == "512Mi->784Mi");
  CHECK(summary.request_change_total == 672_MiB);
  CHECK(summary.severity == Severity::kMedium);
  CHECK(!summary.oom_kills_last_24h.has_value());
}

TEST_CASE("Summarize: a pod's sum; a container without advice counts with what it has") {
  const RecommendationSummary summary =
      Summarize({Advice("app", {2_GiB, 2_GiB}, {768_MiB, 960_MiB}, Verdict::kOverProvisioned),
                 Advice("proxy", {64_MiB, 64_MiB}, {}, Verdict::kInsufficientData)},
                1);

  CHECK(summary.verdict == Verdict::kOverProvisioned);
  CHECK(summary.request == "2112Mi->832Mi");
  CHECK(summary.limit == "2112Mi->1Gi");
  CHECK(summary.request_change_total == Bytes(-1280 * 1048576LL));
  CHECK(summary.severity == Severity::kMedium);
}

TEST_CASE("Summarize: what should stay is printed once, what is not set is 'none'") {
  const RecommendationSummary same =
      Summarize({Advice("db", {4_GiB, 4_GiB}, {4_GiB, 4_GiB}, Verdict::kRightSized)}, 3);
  CHECK(same.request == "4Gi");
  CHECK(same.severity == Severity::kNone);

  const RecommendationSummary unset =
      Summarize({Advice("app", {}, {64_MiB, 96_MiB}, Verdict::kUnderProvisioned)}, 1);
  CHECK(unset.request == "none->64Mi");
  CHECK(unset.limit == "none->96Mi");

  // One container without a limit leaves the pod without one, whatever the others have.
  const RecommendationSummary open =
      Summarize({Advice("app", {64_MiB, 64_MiB}, {64_MiB, 64_MiB}, Verdict::kRightSized),
                 Advice("side", {32_MiB, std::nullopt}, {}, Verdict::kInsufficientData)},
                1);
  CHECK(open.request == "96Mi");
  CHECK(open.limit == "none");
}

TEST_CASE("Summarize: kills where there is too little are critical; unseen kills are not zero") {
  ContainerAdvice advice =
      Advice("app", {64_MiB, 64_MiB}, {64_MiB, 96_MiB}, Verdict::kUnderProvisioned);
  advice.oom = {{.kills_last_24h = 2}};
  ContainerAdvice blind = Advice("side", {}, {}, Verdict::kInsufficientData);

  const RecommendationSummary summary = Summarize({advice, blind}, 1);

  CHECK(summary.oom_kills_last_24h == 2);
  CHECK(summary.severity == Severity::kCritical);
}

TEST_CASE("Summarize: severity never contradicts the verdict on what is set now") {
  const auto severity = [](Verdict verdict) {
    ContainerAdvice advice = Advice("app", {100_MiB, 128_MiB}, {90_MiB, 128_MiB}, verdict);
    advice.oom = {{.kills_last_24h = 6}};
    return Summarize({advice}, 1).severity;
  };
  CHECK(severity(Verdict::kUnderProvisioned) == Severity::kCritical);
  CHECK(severity(Verdict::kInsufficientData) == Severity::kCritical);
  CHECK(severity(Verdict::kRightSized) == Severity::kLow);
  CHECK(severity(Verdict::kOverProvisioned) == Severity::kLow);
}

TEST_CASE("ExplanationLines: arithmetic that a person can check") {
  const recommend::Explanation explanation{
      {{"limit.base", Op::kMax, {{"day -1 peak", 310e6}, {"day -2 peak", 298e6}}, 310e6, "bytes"},
       {"limit.margin",
        Op::kMultiply,
        {{"limit.base", 310e6}, {"1 + margin", 1.14}},
        353.4e6,
        "bytes"},
       {"limit",
        Op::kRoundUp,
        {{"limit.margin", 353.4e6}, {"step", 16.0 * 1048576}},
        369098752,
        "bytes"},
       {"go.runway", Op::kDivide, {{"room", 52428800}, {"live", 104857600}}, 0.5, "ratio"},
       {"go.gogc", Op::kInput, {{"GOGC", 100}}, 100, "percent"}}};

  const std::vector<std::string> lines = ExplanationLines(explanation);

  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "limit.base = max(day -1 peak 295.6Mi, day -2 peak 284.2Mi) = 295.6Mi");
  CHECK(lines[1] == "limit.margin = limit.base 295.6Mi x 1 + margin 1.14 = 337Mi");
  CHECK(lines[2] == "limit = round up(limit.margin 337Mi, to step 16Mi) = 352Mi");
  CHECK(lines[3] == "go.runway = room 50Mi / live 100Mi = 0.5 ratio");
  CHECK(lines[4] == "go.gogc = GOGC 100");
}

TEST_CASE("ExplanationLines: of a long explanation the results and what they are made of stay") {
  recommend::Explanation explanation;
  const auto chain = [&](const std::string& result) {
    for (int i = 1; i <= 50; ++i) {
      const std::string before = result + ".step " + std::to_string(i - 1);
      explanation.steps.push_back({i == 50 ? result : result + ".step " + std::to_string(i),
                                   Op::kInput,
                                   {{before, 1}},
                                   1,
                                   "bytes"});
    }
  };
  chain("limit");
  chain("request");

  const std::vector<std::string> lines = ExplanationLines(explanation);

  REQUIRE(lines.size() == 48);
  CHECK(lines.front() == "... 53 steps, the farthest from the results, are left out");
  CHECK(std::ranges::count(lines, "limit = limit.step 49 1") == 1);
  CHECK(std::ranges::count(lines, "limit.step 49 = limit.step 48 1") == 1);
  CHECK(std::ranges::count(lines, "limit.step 1 = limit.step 0 1") == 0);
  CHECK(lines.back() == "request = request.step 49 1");
}

TEST_CASE("ExplanationLines: an explanation that fits is shown whole") {
  recommend::Explanation explanation;
  explanation.steps.resize(48, {"step", Op::kInput, {{"x", 1}}, 1, "bytes"});
  CHECK(ExplanationLines(explanation).size() == 48);
}

}  // namespace
}  // namespace plimsoll::api
