// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/closed_windows.h"

#include <doctest/doctest.h>

#include "operator/api/text.h"

namespace plimsoll::autopatch {
namespace {

using namespace std::chrono_literals;

const api::PatchWindow kOffice{
    .hours = {.days = std::bitset<7>("0001111"), .start = 9h, .end = 16h},
    .time_zone = "Europe/Berlin"};
const api::PatchWindow kNight{.hours = {.start = 22h, .end = 2h}};

// The message's end; empty while memory may be taken away.
std::string Opens(const std::vector<api::PatchWindow>& windows, std::string_view time) {
  const auto closed = ClosedNow(windows, *api::ParseTime(time));
  if (!closed) return "";
  return closed->message.substr(closed->message.rfind("opens ") + 6);
}

TEST_CASE("ClosedNow: no windows, or an open one, close nothing") {
  CHECK(Opens({}, "2026-01-12T03:00:00Z") == "");
  CHECK(Opens({kOffice}, "2026-01-12T08:00:00Z") == "");
  CHECK(Opens({kOffice, kNight}, "2026-01-12T22:00:00Z") == "");
}

TEST_CASE("ClosedNow: the next to open is told, by its own clocks, and when to look again") {
  CHECK(Opens({kOffice}, "2026-01-12T07:59:59Z") == "Mon 09:00 Europe/Berlin");
  CHECK(Opens({kOffice}, "2026-01-15T15:00:00Z") == "Mon 09:00 Europe/Berlin");
  CHECK(Opens({kOffice, kNight}, "2026-01-12T15:00:00Z") == "Mon 22:00 UTC");
  CHECK(Opens({kNight, kOffice}, "2026-01-13T02:00:00Z") == "Tue 09:00 Europe/Berlin");

  const auto closed = ClosedNow({kOffice}, *api::ParseTime("2026-01-12T07:00:00Z"));
  REQUIRE(closed);
  CHECK(closed->opens_in == 1h);
}

TEST_CASE("ClosedNow: a zone that cannot be read opens nothing") {
  const api::PatchWindow lost{.hours = {.start = 0h, .end = 0h}, .time_zone = "Europe/Berln"};
  const auto closed = ClosedNow({lost}, *api::ParseTime("2026-01-12T12:00:00Z"));
  REQUIRE(closed);
  CHECK(closed->message.find("cannot be read") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::autopatch
