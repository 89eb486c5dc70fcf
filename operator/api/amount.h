// SPDX-License-Identifier: Apache-2.0
//
// Memory amounts as users read them in our objects.
#pragma once

#include <string>

#include "advisor/base/units.h"

namespace plimsoll::api {

// Exact, in binary units where they fit and decimal ones where those do: 654311424 -> "624Mi",
// 500000000 -> "500M", -704643072 -> "-672Mi".
[[nodiscard]] std::string FormatAmount(Bytes amount);

// For observed values, which fall on any byte: up to the next Mi (below 1Mi: the next Ki), so
// 310000000 -> "296Mi". Never shows less than was seen.
[[nodiscard]] std::string FormatObserved(Bytes amount);

}  // namespace plimsoll::api
