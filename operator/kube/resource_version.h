// SPDX-License-Identifier: Apache-2.0
//
// Which of two resource versions of one kind is newer (Kubernetes 1.35 promises the order:
// KEP-5504).
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace plimsoll::kube {

// Nothing when either is not a plain positive decimal number: then only equality means anything.
//   CompareResourceVersions("99", "100") == less
[[nodiscard]] inline std::optional<std::strong_ordering> CompareResourceVersions(
    std::string_view a, std::string_view b) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text[0] != '0' &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!is_number(a) || !is_number(b)) return std::nullopt;
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

}  // namespace plimsoll::kube
