// SPDX-License-Identifier: Apache-2.0
//
// A rival's answer in the shape of ours: one number, or why there is none.
#pragma once

#include <string>

#include "advisor/replay/engine.h"

namespace plimsoll::replay {

// Request and limit are `wanted`; what is in force is judged against it as against ours.
[[nodiscard]] recommend::Recommendation Answer(Bytes wanted, const Situation& situation);

// Under the code that ours has for it.
[[nodiscard]] recommend::Recommendation NoAnswer(std::string why);

// Of one that takes nothing but working sets (and kills), and was told none.
[[nodiscard]] recommend::Recommendation NoWorkingSet(const std::string& rival);

}  // namespace plimsoll::replay
