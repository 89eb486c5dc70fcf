// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/go_math.h"

#include <cmath>

namespace plimsoll::replay {

double GoExp2(double x) {
  // ln 2 in two parts, so that x*ln2 keeps its low bits: 2^x = 2^k * e^(high - low).
  constexpr double kLn2High = 6.93147180369123816490e-01;
  constexpr double kLn2Low = 1.90821492927058770002e-10;
  // Minimax coefficients of fdlibm's exp on |r| <= ln(2)/2.
  constexpr double kCoefficients[] = {1.66666666666666657415e-01, -2.77777777770155933842e-03,
                                      6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                      4.13813679705723846039e-08};
  const int whole = x > 0 ? static_cast<int>(x + 0.5) : static_cast<int>(x - 0.5);
  const double fraction = x - static_cast<double>(whole);
  const double high = fraction * kLn2High;
  const double low = -fraction * kLn2Low;
  const double r = high - low;
  const double square = r * r;
  double series = kCoefficients[4];
  for (int i = 3; i >= 0; --i) series = kCoefficients[i] + square * series;
  const double c = r - square * series;
  const double y = 1 - ((low - (r * c) / (2 - c)) - high);
  return std::ldexp(y, whole);
}

double GoPow(double base, int exponent) {
  double result = 1;
  double power = base;
  for (int rest = exponent; rest != 0; rest >>= 1) {
    if ((rest & 1) != 0) result *= power;
    power *= power;
  }
  return result;
}

}  // namespace plimsoll::replay
