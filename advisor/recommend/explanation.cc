// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/explanation.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <utility>

namespace plimsoll::recommend {
namespace {

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

bool CountFits(Op op, std::size_t count) {
  switch (op) {
    case Op::kInput:
    case Op::kSqrt:
      return count == 1;
    case Op::kDivide:
    case Op::kRoundUp:
    case Op::kRoundDown:
      return count == 2;
    case Op::kMax:
    case Op::kMin:
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kMedian:
      return count >= 1;
  }
  return false;
}

}  // namespace

Result<double> Evaluate(Op op, const std::vector<double>& values) {
  if (!CountFits(op, values.size())) {
    return Fail(ErrorCode::kInvalid, std::string(Name(op)) + " does not take " +
                                         std::to_string(values.size()) + " terms");
  }
  switch (op) {
    case Op::kInput:
      return values[0];
    case Op::kMax:
      return *std::ranges::max_element(values);
    case Op::kMin:
      return *std::ranges::min_element(values);
    case Op::kAdd:
      return std::accumulate(values.begin() + 1, values.end(), values[0]);
    case Op::kSubtract:
      return std::accumulate(values.begin() + 1, values.end(), values[0], std::minus<>());
    case Op::kMultiply:
      return std::accumulate(values.begin() + 1, values.end(), values[0], std::multiplies<>());
    case Op::kDivide:
      return values[0] / values[1];
    case Op::kSqrt:
      return std::sqrt(values[0]);
    case Op::kRoundUp:
      return std::ceil(values[0] / values[1]) * values[1];
    case Op::kRoundDown:
      return std::floor(values[0] / values[1]) * values[1];
    case Op::kMedian:
      return Median(values);
  }
  return Fail(ErrorCode::kInvalid, "unknown operation");
}

Status Verify(const Explanation& explanation) {
  std::map<std::string, double, std::less<>> results;
  for (const Step& step : explanation.steps) {
    std::vector<double> values;
    for (const Term& term : step.terms) {
      const auto earlier = results.find(term.name);
      if (earlier != results.end() && earlier->second != term.value) {
        return Fail(ErrorCode::kInvalid, "step " + step.name + ": term " + term.name +
                                             " differs from the step of that name");
      }
      values.push_back(term.value);
    }
    const Result<double> result = Evaluate(step.op, values);
    if (!result) return std::unexpected(result.error().Context("step " + step.name));
    if (*result != step.result) {
      return Fail(ErrorCode::kInvalid, "step " + step.name + ": the terms give " +
                                           std::to_string(*result) + ", not " +
                                           std::to_string(step.result));
    }
    results[step.name] = step.result;
  }
  return {};
}

const char* Name(Op op) {
  switch (op) {
    case Op::kInput:
      return "input";
    case Op::kMax:
      return "max";
    case Op::kMin:
      return "min";
    case Op::kAdd:
      return "add";
    case Op::kSubtract:
      return "subtract";
    case Op::kMultiply:
      return "multiply";
    case Op::kDivide:
      return "divide";
    case Op::kSqrt:
      return "sqrt";
    case Op::kRoundUp:
      return "round up";
    case Op::kRoundDown:
      return "round down";
    case Op::kMedian:
      return "median";
  }
  return "unknown";
}

}  // namespace plimsoll::recommend
