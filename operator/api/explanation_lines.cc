// SPDX-License-Identifier: Apache-2.0
//
// The advisor's steps as text. Amounts are shown in Mi with one place, and a line's terms with as
// many more as it takes that a pocket calculator makes the shown result of them: 63.96Mi + 0.04Mi,
// not 64Mi + 0Mi, "= 64Mi"; the steps themselves keep every byte.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "operator/api/status_summary.h"
#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

using recommend::Op;
using recommend::Step;
using recommend::Term;

constexpr std::size_t kMaxLines = 48;
constexpr std::size_t kMaxLine = 256;

constexpr double kMebibyte = 1048576;
// Levels of precision: the first is read most easily, the last writes every bit.
constexpr int kExact = 12;

// A number as a line shows it, and what a reader computes with.
struct Shown {
  std::string text;
  double value = 0;
};

// Four significant digits, and one more a level.
Shown PlainNumber(double value, int level) {
  std::string text = fmt::format("{}", value);
  if (value == std::floor(value) && std::abs(value) < 1e15) {
    text = fmt::format("{:.0f}", value);
  } else if (level < kExact) {
    text = fmt::format("{:.{}g}", value, 4 + level);
  }
  const double read = std::stod(text);
  return {.text = std::move(text), .value = read};
}

// One place after the point, and one more a level; more where an amount would look like none.
Shown Memory(double bytes, int level) {
  if (std::abs(bytes) < 1024) return PlainNumber(bytes, level);
  while (level < kExact && std::abs(bytes) / kMebibyte * std::pow(10, 1 + level) < 0.5) ++level;
  std::string number = level < kExact ? fmt::format("{:.{}f}", bytes / kMebibyte, 1 + level)
                                      : fmt::format("{}", bytes / kMebibyte);
  if (level < kExact) {
    number.erase(number.find_last_not_of('0') + 1);
    if (number.ends_with('.')) number.pop_back();
  }
  return {.text = number + "Mi", .value = std::stod(number) * kMebibyte};
}

// Terms carry no unit of their own. What a step makes bytes of are amounts (Memory leaves factors,
// which are small, as they are), but for a root's; a ratio of amounts has amounts for terms.
bool OfAmounts(const Step& step) {
  if (step.unit == "bytes") return step.op != Op::kSqrt;
  return step.op == Op::kDivide && step.unit == "ratio" &&
         std::ranges::any_of(step.terms, [](const Term& term) { return term.value >= kMebibyte; });
}

Shown ResultValue(const Step& step, double result) {
  if (step.unit == "bytes") return Memory(result, 0);
  Shown shown = PlainNumber(result, 0);
  if (step.unit == "percent") {
    shown.text += '%';
  } else if (!step.unit.empty()) {
    shown.text += ' ' + step.unit;
  }
  return shown;
}

// `terms` in the order of the step's.
std::string Formula(const Step& step, const std::vector<Shown>& terms) {
  const auto joined = [&](std::string_view separator) {
    std::string text;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (i > 0) text.append(separator);
      text.append(fmt::format("{} {}", step.terms[i].name, terms[i].text));
    }
    return text;
  };
  switch (step.op) {
    case Op::kInput:
      return joined(", ");
    case Op::kMax:
      return "max(" + joined(", ") + ")";
    case Op::kMin:
      return "min(" + joined(", ") + ")";
    case Op::kAdd:
      return joined(" + ");
    case Op::kSubtract:
      return joined(" - ");
    case Op::kMultiply:
      return joined(" x ");
    case Op::kDivide:
      return joined(" / ");
    case Op::kSqrt:
      return "sqrt(" + joined(", ") + ")";
    case Op::kRoundUp:
      return "round up(" + joined(", to ") + ")";
    case Op::kRoundDown:
      return "round down(" + joined(", to ") + ")";
    case Op::kMedian:
      return "median(" + joined(", ") + ")";
  }
  return joined(", ");
}

// Whether who computes with the terms as they are shown gets the result as it is shown.
bool AddsUp(const Step& step, const std::vector<Shown>& terms, const Shown& result) {
  std::vector<double> values;
  for (const Shown& term : terms) values.push_back(term.value);
  const Result<double> computed = recommend::Evaluate(step.op, values);
  return !computed || ResultValue(step, *computed).text == result.text;
}

std::string Line(const Step& step) {
  const bool amounts = OfAmounts(step);
  const Shown result = ResultValue(step, step.result);
  std::vector<Shown> terms;
  for (int level = 0; level <= kExact; ++level) {
    terms.clear();
    for (const Term& term : step.terms) {
      terms.push_back(amounts ? Memory(term.value, level) : PlainNumber(term.value, level));
    }
    if (AddsUp(step, terms, result)) break;
  }
  const std::string formula = Formula(step, terms);
  // A single input needs no "= result": they are the same number.
  const bool bare = step.op == Op::kInput && step.terms.size() == 1;
  return bare ? fmt::format("{} = {}", step.name, formula)
              : fmt::format("{} = {} = {}", step.name, formula, result.text);
}

// Marks `count` steps: the results (steps that no later one uses: the limit, the request,
// settings), then what these are made of, and so on backwards, so that what a user asks about first
// stays.
std::vector<bool> NearestToResults(const std::vector<Step>& steps, std::size_t count) {
  std::map<std::string_view, std::size_t> latest;  // by name, of the steps up to here
  std::vector<std::vector<std::size_t>> made_of(steps.size());
  std::vector<bool> used(steps.size(), false);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const Term& term : steps[i].terms) {
      const auto found = latest.find(term.name);
      if (found == latest.end()) continue;
      made_of[i].push_back(found->second);
      used[found->second] = true;
    }
    latest[steps[i].name] = i;
  }
  std::vector<std::size_t> order;
  std::vector<bool> seen(steps.size(), false);
  const auto take = [&](std::size_t step) {
    if (!seen[step]) order.push_back(step);
    seen[step] = true;
  };
  for (const std::string_view result : {"limit", "request"}) {
    if (const auto found = latest.find(result); found != latest.end()) take(found->second);
  }
  for (std::size_t i = steps.size(); i-- > 0;) {
    if (!used[i]) take(i);
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (const std::size_t part : made_of[order[next]]) take(part);
  }
  std::vector<bool> kept(steps.size(), false);
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) kept[order[i]] = true;
  return kept;
}

}  // namespace

std::vector<std::string> ExplanationLines(const recommend::Explanation& explanation) {
  const std::vector<Step>& steps = explanation.steps;
  const bool cut = steps.size() > kMaxLines;
  const std::vector<bool> kept =
      cut ? NearestToResults(steps, kMaxLines - 1) : std::vector<bool>(steps.size(), true);
  std::vector<std::string> lines;
  bool told = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (kept[i]) {
      lines.push_back(FitText(Line(steps[i]), kMaxLine));
    } else if (!told) {
      lines.push_back(fmt::format("... {} steps, the farthest from the results, are left out",
                                  steps.size() - (kMaxLines - 1)));
      told = true;
    }
  }
  return lines;
}

}  // namespace plimsoll::api
