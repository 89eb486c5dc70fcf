// SPDX-License-Identifier: Apache-2.0
//
// Time zones by their names in the IANA database, such as Europe/Berlin, from the files below
// /usr/share/zoneinfo (or $TZDIR). The empty name is UTC, which needs no file.
#pragma once

#include <optional>
#include <string>

#include "advisor/base/time.h"
#include "advisor/rollout/window.h"

namespace plimsoll::api {

// Whether there is such a folder at all.
[[nodiscard]] bool TimeZonesInstalled();

[[nodiscard]] bool IsTimeZone(const std::string& name);

// What its clocks show, summer time and all; absent when there is no such zone.
[[nodiscard]] std::optional<rollout::WeekTime> WeekTimeIn(const std::string& zone, TimePoint now);

}  // namespace plimsoll::api
