// SPDX-License-Identifier: Apache-2.0
//
// Confidence: the share of such advice that sees no OOM kill, and no more than the stated slack, in
// the next seven days.
#pragma once

#include "advisor/recommend/reason.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::recommend {

// 0 without readings, at most 0.98.
[[nodiscard]] double Confidence(const sizing::Situation& situation, const ReasonSet& reasons);

}  // namespace plimsoll::recommend
