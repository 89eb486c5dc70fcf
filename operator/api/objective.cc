// SPDX-License-Identifier: Apache-2.0
#include "operator/api/objective.h"

namespace plimsoll::api {

Result<model::Objective> ObjectiveFlag(const std::string& text) {
  for (const auto& [spelling, objective] : kObjectives) {
    if (text == spelling) return objective;
  }
  return Fail(ErrorCode::kInvalid,
              "--objective is '" + text + "'; it may be Savings, Balanced or Reliability");
}

std::string_view NameOf(model::Objective objective) {
  for (const auto& [spelling, candidate] : kObjectives) {
    if (candidate == objective) return spelling;
  }
  return "";
}

}  // namespace plimsoll::api
