// SPDX-License-Identifier: Apache-2.0
//
// The two powers that VPA's numbers hang on, as Go computes them. The C library's exp2 and pow may
// differ from Go's in the last bit, and one bit decides a percentile when weights tie (ten equal
// replicas and the median: half of the total, exactly).
#pragma once

namespace plimsoll::replay {

// 2^x by the argument reduction and rational approximation of fdlibm's exp, which Go's math.Exp2
// follows on amd64 without fused operations. Finite x within +-1000.
[[nodiscard]] double GoExp2(double x);

// base^exponent by repeated squaring: the order of roundings of Go's math.Pow for whole exponents.
[[nodiscard]] double GoPow(double base, int exponent);

}  // namespace plimsoll::replay
