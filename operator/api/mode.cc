// SPDX-License-Identifier: Apache-2.0
#include "operator/api/mode.h"

namespace plimsoll::api {
namespace {

struct Spelling {
  Mode mode;
  std::string_view label;
  std::string_view field;
};

constexpr Spelling kSpellings[] = {
    {Mode::kOff, "off", "Off"},
    {Mode::kRecommend, "recommend", "Recommend"},
    {Mode::kAutoPatch, "auto-patch", "AutoPatch"},
};

constexpr const Spelling& SpellingOf(Mode mode) { return kSpellings[static_cast<int>(mode)]; }
static_assert(SpellingOf(Mode::kOff).mode == Mode::kOff);
static_assert(SpellingOf(Mode::kRecommend).mode == Mode::kRecommend);
static_assert(SpellingOf(Mode::kAutoPatch).mode == Mode::kAutoPatch);

}  // namespace

std::string_view ModeLabelValue(Mode mode) { return SpellingOf(mode).label; }

std::string_view ModeFieldValue(Mode mode) { return SpellingOf(mode).field; }

std::optional<Mode> ParseModeLabel(std::string_view text) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.label == text) return spelling.mode;
  }
  return std::nullopt;
}

std::optional<Mode> ParseModeField(std::string_view text) {
  for (const Spelling& spelling : kSpellings) {
    if (spelling.field == text) return spelling.mode;
  }
  return std::nullopt;
}

}  // namespace plimsoll::api
