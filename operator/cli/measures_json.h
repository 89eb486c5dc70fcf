// SPDX-License-Identifier: Apache-2.0
//
// The measures in JSON: null where there was nothing to measure; low and high are null of one
// container.
#pragma once

#include <nlohmann/json.hpp>

#include "operator/cli/measures.h"

namespace plimsoll::cli {

// {"limitSlack": {"value": 0.38, "low": 0.351, "high": 0.411}, ...}
[[nodiscard]] inline nlohmann::json MeasuresJson(const replay::Summary& summary) {
  nlohmann::json measures = nlohmann::json::object();
  for (const auto& measure : Measures()) {
    auto& told = measures[std::string(measure.key)];
    const auto interval = measure.of(summary);
    if (!interval) continue;
    told = {{"value", interval->value}, {"low", nullptr}, {"high", nullptr}};
    if (!HasIntervals(summary)) continue;
    told["low"] = interval->low;
    told["high"] = interval->high;
  }
  return measures;
}

}  // namespace plimsoll::cli
