// SPDX-License-Identifier: Apache-2.0
//
// spec.autoPatch.windows[] of a MemoryPolicy: hours of the week in which memory may be taken away.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "advisor/rollout/window.h"

namespace plimsoll::api {

class JsonReader;

struct PatchWindow {
  rollout::Window hours{};
  std::string time_zone{};  // by its name in the IANA database; empty: UTC

  friend bool operator==(const PatchWindow&, const PatchWindow&) = default;
};

// Private to this folder's .cc files. What is wrong is told to the reader.
[[nodiscard]] PatchWindow ReadPatchWindow(const JsonReader& reader);

// Whether the zone is known, told with the field's path: "spec.autoPatch.windows[0]".
[[nodiscard]] Status CheckPatchWindow(const PatchWindow& window, const std::string& path);

// "Mon 09:00"
[[nodiscard]] std::string FormatWeekTime(rollout::WeekTime time);

}  // namespace plimsoll::api
