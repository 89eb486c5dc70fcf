// SPDX-License-Identifier: Apache-2.0
//
// A calculator that can write down what it does. Estimators compute through it, so that formula and
// explanation cannot drift apart; without a book it only computes, which is what a pass over a
// hundred thousand containers does.
//
//   Ledger ledger(&explanation);
//   double held = ledger.Multiply("limit.held", {{"limit.base", 310e6}, {"1 + margin", 1.14}});
#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "advisor/recommend/explanation.h"

namespace plimsoll::sizing {

struct Entry {
  std::string_view name;
  double value = 0;
};
using Entries = std::initializer_list<Entry>;

class Ledger {
 public:
  explicit Ledger(recommend::Explanation* book) : book_(book) {}

  // Whether anybody will read the names: costly ones are made only then.
  [[nodiscard]] bool on() const { return book_ != nullptr; }

  double Input(std::string_view name, double value, std::string_view unit = "bytes") {
    return Note(name, recommend::Op::kInput, {{name, value}}, value, unit);
  }
  double Max(std::string_view name, Entries terms, std::string_view unit = "bytes") {
    return MaxOf(name, {terms.begin(), terms.size()}, unit);
  }
  double MaxOf(std::string_view name, std::span<const Entry> terms,
               std::string_view unit = "bytes") {
    double result = terms.front().value;
    for (const Entry& term : terms) result = std::max(result, term.value);
    return Note(name, recommend::Op::kMax, terms, result, unit);
  }
  double Min(std::string_view name, Entries terms, std::string_view unit = "bytes") {
    double result = terms.begin()->value;
    for (const Entry& term : terms) result = std::min(result, term.value);
    return Note(name, recommend::Op::kMin, terms, result, unit);
  }
  double Add(std::string_view name, Entries terms, std::string_view unit = "bytes") {
    double result = terms.begin()->value;
    for (const Entry& term : Rest(terms)) result += term.value;
    return Note(name, recommend::Op::kAdd, terms, result, unit);
  }
  double Subtract(std::string_view name, Entries terms, std::string_view unit = "bytes") {
    double result = terms.begin()->value;
    for (const Entry& term : Rest(terms)) result -= term.value;
    return Note(name, recommend::Op::kSubtract, terms, result, unit);
  }
  double Multiply(std::string_view name, Entries terms, std::string_view unit = "bytes") {
    double result = terms.begin()->value;
    for (const Entry& term : Rest(terms)) result *= term.value;
    return Note(name, recommend::Op::kMultiply, terms, result, unit);
  }
  double Divide(std::string_view name, Entry first, Entry second, std::string_view unit = "bytes") {
    return Note(name, recommend::Op::kDivide, {{first, second}}, first.value / second.value, unit);
  }
  double Sqrt(std::string_view name, Entry term, std::string_view unit = "bytes") {
    return Note(name, recommend::Op::kSqrt, {{term}}, std::sqrt(term.value), unit);
  }
  double RoundUp(std::string_view name, Entry value, Entry step) {
    return Note(name, recommend::Op::kRoundUp, {{value, step}},
                std::ceil(value.value / step.value) * step.value, "bytes");
  }
  double RoundDown(std::string_view name, Entry value, Entry step,
                   std::string_view unit = "bytes") {
    return Note(name, recommend::Op::kRoundDown, {{value, step}},
                std::floor(value.value / step.value) * step.value, unit);
  }
  // `result` must be the median of the terms.
  double Median(std::string_view name, std::span<const Entry> terms, double result) {
    return Note(name, recommend::Op::kMedian, terms, result, "bytes");
  }

 private:
  static std::span<const Entry> Rest(Entries terms) {
    return std::span(terms.begin(), terms.size()).subspan(1);
  }
  double Note(std::string_view name, recommend::Op op, Entries terms, double result,
              std::string_view unit) {
    return Note(name, op, std::span(terms.begin(), terms.size()), result, unit);
  }
  double Note(std::string_view name, recommend::Op op, std::span<const Entry> terms, double result,
              std::string_view unit) {
    if (book_ != nullptr) Write(name, op, terms, result, unit);
    return result;
  }
  void Write(std::string_view name, recommend::Op op, std::span<const Entry> terms, double result,
             std::string_view unit);

  recommend::Explanation* book_;
};

}  // namespace plimsoll::sizing
