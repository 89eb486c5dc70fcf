// SPDX-License-Identifier: Apache-2.0
#include "operator/api/time_zone.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "operator/api/patch_window.h"
#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

std::string Shown(const std::string& zone, std::string_view time) {
  const std::optional<rollout::WeekTime> shown = WeekTimeIn(zone, *ParseTime(time));
  return shown ? FormatWeekTime(*shown) : "no such zone";
}

TEST_CASE("WeekTimeIn: what the clocks of a zone show, in winter and in summer") {
  CHECK(Shown("", "2026-01-12T08:59:59Z") == "Mon 08:59");
  CHECK(Shown("UTC", "2026-01-11T23:59:59.999Z") == "Sun 23:59");
  CHECK(Shown("Europe/Berlin", "2026-01-12T08:00:00Z") == "Mon 09:00");
  CHECK(Shown("Europe/Berlin", "2026-07-13T08:00:00Z") == "Mon 10:00");
  CHECK(Shown("Asia/Kolkata", "2026-07-12T18:30:00Z") == "Mon 00:00");
  CHECK(Shown("America/New_York", "2026-07-13T03:59:00Z") == "Sun 23:59");
  CHECK(Shown("Etc/GMT+5", "2026-07-13T04:00:00Z") == "Sun 23:00");
}

TEST_CASE(
    "WeekTimeIn: the night in which the clocks go forward, and the one in which they go back") {
  CHECK(Shown("Europe/Berlin", "2026-03-29T00:59:00Z") == "Sun 01:59");
  CHECK(Shown("Europe/Berlin", "2026-03-29T01:00:00Z") == "Sun 03:00");
  CHECK(Shown("Europe/Berlin", "2026-10-25T00:30:00Z") == "Sun 02:30");
  CHECK(Shown("Europe/Berlin", "2026-10-25T01:30:00Z") == "Sun 02:30");
}

TEST_CASE("WeekTimeIn: rules hold beyond the years that the files list") {
  CHECK(Shown("Europe/Berlin", "2060-01-12T08:00:00Z") == "Mon 09:00");
  CHECK(Shown("Europe/Berlin", "2060-07-12T08:00:00Z") == "Mon 10:00");
}

TEST_CASE("IsTimeZone: a name of the database and nothing else, whatever file it leads to") {
  for (const char* name : {"", "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"}) {
    CAPTURE(name);
    CHECK(IsTimeZone(name));
  }
  for (const char* name :
       {"Europe/Berln", "Europe", "CEST", "+01:00", "/usr/share/zoneinfo/Europe/Berlin",
        "Europe/../Europe/Berlin", "file:Europe/Berlin", "Fixed/UTC+01:00:00", " UTC"}) {
    CAPTURE(name);
    CHECK_FALSE(IsTimeZone(name));
    CHECK(Shown(name, "2026-01-12T08:00:00Z") == "no such zone");
  }
  CHECK_FALSE(IsTimeZone(std::string("Europe/Berlin\0", 14)));
}

TEST_CASE("CheckPatchWindow: where there are no time zones at all, that is said") {
  const PatchWindow window{.time_zone = "Europe/Berlin"};
  CHECK(CheckPatchWindow(window, "windows[0]"));
  setenv("TZDIR", "/nonexistent", 1);
  const Status without = CheckPatchWindow(window, "windows[0]");
  const Status utc = CheckPatchWindow({}, "windows[0]");
  unsetenv("TZDIR");
  REQUIRE_FALSE(without);
  CHECK(without.error().message().find("install tzdata") != std::string::npos);
  CHECK(utc);
}

}  // namespace
}  // namespace plimsoll::api
