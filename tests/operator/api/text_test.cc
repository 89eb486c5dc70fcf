// SPDX-License-Identifier: Apache-2.0
#include "operator/api/text.h"

#include <doctest/doctest.h>

#include <string>

namespace plimsoll::api {
namespace {

TEST_CASE("Shorten: cuts between characters and says so") {
  CHECK(Shorten("short", 5) == "short");
  CHECK(Shorten("too long", 6) == "too...");
  CHECK(Shorten("ab\xc3\xa9\xc3\xa9", 5) == "ab...");
  CHECK(Shorten("a\xc3\xa9xyz", 5) == "a...");
  CHECK(Shorten("anything", 2) == "..");
}

TEST_CASE("Times: written as Kubernetes does and read back") {
  const TimePoint time = TimePoint(Duration(1787296364000));
  CHECK(FormatTime(time) == "2026-08-21T07:12:44Z");
  CHECK(ParseTime("2026-08-21T07:12:44Z") == time);
  CHECK(ParseTime("2026-08-21T09:12:44+02:00") == time);
  CHECK(ParseTime("2026-08-21T07:12:44.123456Z") == time + Duration(123));
  CHECK(FormatTime(time + Duration(999)) == "2026-08-21T07:12:44Z");
  CHECK(FormatTime(TimePoint(Duration(-1000))) == "1969-12-31T23:59:59Z");
}

TEST_CASE("ParseTime: absent for anything that is not a time") {
  for (const std::string text :
       {"", "now", "2026-08-21", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-08-21T25:00:00Z", "2026-08-21T07:12:44", "2026-08-21T07:12:44Zjunk",
        "2026-08-21T07:12:44.Z", "-026-08-21T07:12:44Z", "2026-08-21T07:12:44+2:00"}) {
    CAPTURE(text);
    CHECK(!ParseTime(text).has_value());
  }
}

}  // namespace
}  // namespace plimsoll::api
