// SPDX-License-Identifier: Apache-2.0
//
// How a policy's objective is spelled, in MemoryPolicy, in flags and in tables.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "advisor/base/result.h"
#include "advisor/model/policy.h"

namespace plimsoll::api {

inline constexpr std::array<std::pair<std::string_view, model::Objective>, 3> kObjectives = {{
    {"Savings", model::Objective::kSavings},
    {"Balanced", model::Objective::kBalanced},
    {"Reliability", model::Objective::kReliability},
}};

// Errors: kInvalid, naming the flag --objective and what it may be.
[[nodiscard]] Result<model::Objective> ObjectiveFlag(const std::string& text);

[[nodiscard]] std::string_view NameOf(model::Objective objective);

}  // namespace plimsoll::api
