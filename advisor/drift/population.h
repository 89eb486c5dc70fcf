// SPDX-License-Identifier: Apache-2.0
//
// How far two sets of hourly peaks differ, over ten bins of equal width in the logarithm:
//   populationStability = sum (p - q) ln(p / q)     (the "population stability index")
//   KL divergence       = sum  p      ln(p / q)
// p: share of the recent hours in a bin, q: of the hours before; every bin counts half an hour
// more, so that an empty one does not divide by zero.
//   p = (0.5, 0.5), q = (0.9, 0.1): stability 0.4 ln 1.8... = 0.879, KL = 0.511
// By convention below 0.1 is stable and above 0.25 another population. Stability is the sum of both
// directions' divergences: where KL is above a bound, stability is too.
#pragma once

#include <span>

#include "advisor/history/log_code.h"

namespace plimsoll::drift {

struct Divergence {
  double stability = 0;
  double kullback_leibler = 0;
};

// Both without kNoData; 0 when either is empty.
[[nodiscard]] Divergence Compare(std::span<const history::LogCode> recent,
                                 std::span<const history::LogCode> before);

}  // namespace plimsoll::drift
