// SPDX-License-Identifier: Apache-2.0
//
// What Plimsoll does with a workload. Labels and flags spell it in kebab-case, CRD fields in
// UpperCamel, as Kubernetes does for each.
#pragma once

#include <optional>
#include <string_view>

namespace plimsoll::api {

// Ordered by how much it may do: a ceiling is a comparison.
enum class Mode {
  kOff,        // no advice is shown
  kRecommend,  // advice is written to a MemoryRecommendation, nothing else is touched
  kAutoPatch,  // advice is also applied
};

inline constexpr std::string_view kModeLabelValues = "off, recommend, auto-patch";

// "off", "recommend", "auto-patch": labels and flags.
[[nodiscard]] std::string_view ModeLabelValue(Mode mode);
// Absent for any other text; letter case counts, as in every label.
[[nodiscard]] std::optional<Mode> ParseModeLabel(std::string_view text);

// "Off", "Recommend", "AutoPatch": CRD fields and printer columns.
[[nodiscard]] std::string_view ModeFieldValue(Mode mode);
[[nodiscard]] std::optional<Mode> ParseModeField(std::string_view text);

}  // namespace plimsoll::api
