// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic behind a number, as data: from the steps alone it can be computed again, by hand
// or by Verify, which does exactly that.
//
//   {"limit.base",   kMax,      {{"day -1 peak", 310e6}, {"day -2 peak", 298e6}}, 310e6}
//   {"limit.margin", kMultiply, {{"limit.base", 310e6}, {"1 + margin", 1.14}},    353.4e6}
//
// The last steps named "limit" and "request" are the two numbers of the recommendation.
#pragma once

#include <string>
#include <vector>

#include "advisor/base/result.h"

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
  kMedian,     // middle term by value; of an even number the mean of the middle two
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

// What `op` makes of these values; the one place where the engine computes and where it is checked.
// Errors: kInvalid when the number of terms does not fit the operation.
[[nodiscard]] Result<double> Evaluate(Op op, const std::vector<double>& values);

// Computes every step again. Errors: kInvalid, naming the first step whose result does not follow
// from its terms, or the term that contradicts the step it is named after.
[[nodiscard]] Status Verify(const Explanation& explanation);

// "max", "add", ... as shown to users.
[[nodiscard]] const char* Name(Op op);

}  // namespace plimsoll::recommend
