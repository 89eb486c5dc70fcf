// SPDX-License-Identifier: Apache-2.0
//
// The advisor's steps as text. Amounts are shown in Mi with one place, so that a line can be
// checked with a pocket calculator; the steps themselves keep every byte.
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

std::string PlainNumber(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string Memory(double bytes) {
  constexpr double kMi = 1048576;
  if (std::abs(bytes) < 1024) return PlainNumber(bytes);
  std::string number = fmt::format("{:.1f}", bytes / kMi);
  if (number.ends_with(".0")) number.resize(number.size() - 2);
  return number + "Mi";
}

// Terms carry no unit of their own. In a step that yields bytes, products and quotients have one
// amount and bare factors, and factors are small; everything else is an amount.
std::string TermValue(const Step& step, const Term& term) {
  const bool amount = step.unit == "bytes" || std::abs(term.value) >= 1048576;
  return amount ? Memory(term.value) : PlainNumber(term.value);
}

std::string ResultValue(const Step& step) {
  if (step.unit == "bytes") return Memory(step.result);
  if (step.unit == "percent") return PlainNumber(step.result) + "%";
  return PlainNumber(step.result) + (step.unit.empty() ? "" : " " + step.unit);
}

std::string Joined(const Step& step, std::string_view separator) {
  std::string text;
  for (const Term& term : step.terms) {
    if (!text.empty()) text.append(separator);
    text.append(fmt::format("{} {}", term.name, TermValue(step, term)));
  }
  return text;
}

std::string Formula(const Step& step) {
  switch (step.op) {
    case Op::kInput:
      return Joined(step, ", ");
    case Op::kMax:
      return "max(" + Joined(step, ", ") + ")";
    case Op::kMin:
      return "min(" + Joined(step, ", ") + ")";
    case Op::kAdd:
      return Joined(step, " + ");
    case Op::kSubtract:
      return Joined(step, " - ");
    case Op::kMultiply:
      return Joined(step, " x ");
    case Op::kDivide:
      return Joined(step, " / ");
    case Op::kSqrt:
      return "sqrt(" + Joined(step, ", ") + ")";
    case Op::kRoundUp:
      return "round up(" + Joined(step, ", to ") + ")";
    case Op::kRoundDown:
      return "round down(" + Joined(step, ", to ") + ")";
    case Op::kMedian:
      return "median(" + Joined(step, ", ") + ")";
  }
  return Joined(step, ", ");
}

std::string Line(const Step& step) {
  const std::string formula = Formula(step);
  // A single input needs no "= result": they are the same number.
  const bool bare = step.op == Op::kInput && step.terms.size() == 1;
  return bare ? fmt::format("{} = {}", step.name, formula)
              : fmt::format("{} = {} = {}", step.name, formula, ResultValue(step));
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
