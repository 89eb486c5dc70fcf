// SPDX-License-Identifier: Apache-2.0
//
// The advisor's steps as lines, read again as a person reads them who checks them.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "advisor/recommend/recommend.h"
#include "operator/api/status_summary.h"
#include "tests/advisor/support/worlds.h"

namespace plimsoll::api {
namespace {
using recommend::Op;
using recommend::Step;

// A number of a line: its value in bytes or as it stands, and half of its last digit.
struct Figure {
  double value = 0;
  double half = 0;
};

// Takes what `text` begins with, if it begins with that.
bool Take(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

std::optional<Figure> TakeFigure(std::string_view& text) {
  const std::size_t length = std::min(text.find_first_not_of("-+.0123456789e"), text.size());
  const std::string number(text.substr(0, length));
  if (number.empty()) return std::nullopt;
  text.remove_prefix(length);
  const std::size_t exponent = number.find('e');
  const std::string digits = number.substr(0, exponent);
  const std::size_t point = digits.find('.');
  double last = point == std::string::npos
                    ? 1
                    : std::pow(10, -static_cast<double>(digits.size() - point - 1));
  if (exponent != std::string::npos) last *= std::pow(10, std::stod(number.substr(exponent + 1)));
  const double unit = Take(text, "Mi") ? 1048576 : 1;
  return Figure{.value = std::stod(number) * unit, .half = last * unit / 2};
}

std::string_view Between(Op op) {
  switch (op) {
    case Op::kAdd:
      return " + ";
    case Op::kSubtract:
      return " - ";
    case Op::kMultiply:
      return " x ";
    case Op::kDivide:
      return " / ";
    case Op::kRoundUp:
    case Op::kRoundDown:
      return ", to ";
    default:
      return ", ";
  }
}

// What is wrong with a line of this step; "" if a calculator comes to the result that it shows.
std::string Wrong(const Step& step, std::string_view line) {
  if (step.op == Op::kInput) return "";  // nothing is computed
  if (!Take(line, step.name + " = ")) return "does not begin with its name";
  for (const std::string_view opening :
       {"max(", "min(", "sqrt(", "round up(", "round down(", "median("}) {
    if (Take(line, opening)) break;
  }
  std::vector<double> values;
  for (const recommend::Term& term : step.terms) {
    if (!values.empty() && !Take(line, Between(step.op))) return "another separator";
    if (!Take(line, term.name + " ")) return "another term than " + term.name;
    const std::optional<Figure> figure = TakeFigure(line);
    if (!figure) return "no number for " + term.name;
    values.push_back(figure->value);
  }
  Take(line, ")");
  if (!Take(line, " = ")) return "no result";
  const std::optional<Figure> shown = TakeFigure(line);
  const Result<double> computed = recommend::Evaluate(step.op, values);
  if (!shown || !computed) return "nothing to compute";
  // Trailing zeros are left out: 12Mi may stand for 12.0Mi, 1400 for 1.4e3; so both are asked for.
  const double tenth = step.unit == "bytes" && std::abs(*computed) >= 1024 ? 52428.8 : shown->half;
  const double slack = std::min(tenth, shown->half) * (1 + 1e-6) + std::abs(*computed) * 1e-12;
  if (std::abs(*computed - shown->value) <= slack) return "";
  return "a calculator says " + std::to_string(*computed);
}

void CheckLines(const recommend::Explanation& explanation) {
  for (const Step& step : explanation.steps) {
    const std::vector<std::string> lines = ExplanationLines({{step}});
    REQUIRE(lines.size() == 1);
    CAPTURE(lines[0]);
    CHECK(Wrong(step, lines[0]) == "");
  }
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

TEST_CASE("ExplanationLines: no term is rounded so far that the line is not true") {
  constexpr double kMi = 1048576;
  const std::vector<std::string> lines = ExplanationLines(
      {{{"sum", Op::kAdd, {{"a", 95.73 * kMi}, {"b", 0.04 * kMi}}, 95.77 * kMi, "bytes"},
        {"request", Op::kRoundUp, {{"sum", 64.012 * kMi}, {"step", kMi}}, 65 * kMi, "bytes"},
        {"garbage", Op::kSqrt, {{"squared", 1e16}}, 1e8, "bytes"}}});
  CHECK(lines[0] == "sum = a 95.73Mi + b 0.04Mi = 95.8Mi");
  CHECK(lines[1] == "request = round up(sum 64.01Mi, to step 1Mi) = 65Mi");
  CHECK(lines[2] == "garbage = sqrt(squared 1e+16) = 95.4Mi");
}

TEST_CASE("ExplanationLines: each line of any advice is true as it is shown") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const testing::World world = testing::RandomWorld(seed);
    recommend::Question question{.now = world.end + std::chrono::minutes(1)};
    question.policy.objective = static_cast<model::Objective>(seed % 3);
    question.guard.active = seed % 2 == 0;
    question.batch = seed % 7 == 0;
    question.constraints.guaranteed = seed % 5 == 0;
    CAPTURE(seed);
    CheckLines(recommend::Recommend(testing::Lived(world), question).explanation);
  }
}

TEST_CASE("ExplanationLines: each line of any arithmetic is true as it is shown") {
  constexpr std::array kOps = {Op::kMax,    Op::kMin,  Op::kAdd,     Op::kSubtract,  Op::kMultiply,
                               Op::kDivide, Op::kSqrt, Op::kRoundUp, Op::kRoundDown, Op::kMedian};
  std::mt19937 random(3);
  std::uniform_real_distribution<double> exponent(11, 40);  // 2 KiB to 1 TiB
  std::uniform_real_distribution<double> factor(0.01, 99);
  for (int i = 0; i < 20'000; ++i) {
    const Op op = kOps[random() % kOps.size()];
    const bool scaled = op == Op::kMultiply || op == Op::kDivide;
    const bool one = op == Op::kSqrt;
    Step step{.name = "step", .op = op, .terms = {{"first", std::exp2(exponent(random))}}};
    if (!one)
      step.terms.push_back({"second", scaled ? factor(random) : std::exp2(exponent(random))});
    std::vector<double> values;
    for (const recommend::Term& term : step.terms) values.push_back(term.value);
    step.result = *recommend::Evaluate(op, values);
    if (i % 4 == 0) step.unit = op == Op::kDivide ? "ratio" : "bytes^2";
    CheckLines({{step}});
  }
}

}  // namespace
}  // namespace plimsoll::api
