// SPDX-License-Identifier: Apache-2.0
//
// What a user's data say, within a line on a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "operator/api/text.h"

namespace plimsoll::cli {

inline constexpr std::size_t kMaxNameShown = 80;

// As api::FitText; control characters, which could move the cursor or colour what follows, become
// '?' as well: "\x1b[2J" -> "?[2J".
[[nodiscard]] inline std::string Shown(std::string_view text, std::size_t max_bytes) {
  std::string fit = api::FitText(text, max_bytes);
  for (std::size_t i = 0; i < fit.size(); ++i) {
    const auto at = static_cast<unsigned char>(fit[i]);
    if (at < 0x20 || at == 0x7F) fit[i] = '?';
    // U+0080 to U+009F, in UTF-8 two bytes: 0x9B begins a command like ESC [.
    if (at == 0xC2 && static_cast<unsigned char>(fit[i + 1]) < 0xA0) fit.replace(i, 2, "?");
  }
  return fit;
}
[[nodiscard]] inline std::string ShownName(std::string_view name) {
  return Shown(name, kMaxNameShown);
}

}  // namespace plimsoll::cli
