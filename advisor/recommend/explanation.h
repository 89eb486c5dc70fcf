// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic behind a number, as data: from the steps alone it can be computed again, by hand
// or by the test that does so for every scenario.
//
//   {"limit.base",   kMax,      {{"day -1 peak", 310e6}, {"day -2 peak", 298e6}}, 310e6}
//   {"limit.margin", kMultiply, {{"limit.base", 310e6}, {"1 + margin", 1.14}},    353.4e6}
#pragma once

#include <string>
#include <vector>

namespace plimsoll::recommend {

enum class Op {
  kInput,      // one term: an observed value or a constant
  kMax,        // largest of the terms
  kMin,        // smallest
  kAdd,        // sum
  kSubtract,   // first minus the others
  kMultiply,   // product
  kDivide,     // first over second
  kSqrt,       // of the single term
  kRoundUp,    // first, up to a multiple of the second
  kRoundDown,  // first, down to a multiple of the second
};

// A term named like an earlier step carries that step's result.
struct Term {
  std::string name;
  double value = 0;
};

struct Step {
  std::string name;  // "limit.base", "request.cache", "go.gomemlimit"
  Op op = Op::kInput;
  std::vector<Term> terms;
  double result = 0;  // bytes, unless `unit` says otherwise
  std::string unit = "bytes";
};

struct Explanation {
  std::vector<Step> steps;
};

}  // namespace plimsoll::recommend
