// SPDX-License-Identifier: Apache-2.0
//
// The advisor's steps as text. Amounts are shown in Mi with one place, so that a line can be
// checked with a pocket calculator; the steps themselves keep every byte.
#include <fmt/format.h>

#include <cmath>
#include <string_view>

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

}  // namespace

std::vector<std::string> ExplanationLines(const recommend::Explanation& explanation) {
  std::vector<std::string> lines;
  for (const Step& step : explanation.steps) {
    if (lines.size() + 1 == kMaxLines && explanation.steps.size() > kMaxLines) {
      lines.push_back(fmt::format("... {} more steps", explanation.steps.size() - lines.size()));
      break;
    }
    const std::string formula = Formula(step);
    // A single input needs no "= result": they are the same number.
    const bool bare = step.op == Op::kInput && step.terms.size() == 1;
    lines.push_back(
        FitText(bare ? fmt::format("{} = {}", step.name, formula)
                     : fmt::format("{} = {} = {}", step.name, formula, ResultValue(step)),
                kMaxLine));
  }
  return lines;
}

}  // namespace plimsoll::api
