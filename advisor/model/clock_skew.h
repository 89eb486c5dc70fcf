// SPDX-License-Identifier: Apache-2.0
//
// How far a node's clock may be ahead of the operator's. What claims to be from later is not taken
// for fresh, and not taken in: it would shut out all that comes until then.
#pragma once

#include "advisor/base/time.h"

namespace plimsoll::model {

inline constexpr Duration kClockSkew = std::chrono::minutes(5);

}  // namespace plimsoll::model
