// SPDX-License-Identifier: Apache-2.0
#include "operator/api/text.h"

#include <doctest/doctest.h>

#include <string>

namespace plimsoll::api {
namespace {

TEST_CASE("FitText: cuts between characters and says so") {
  CHECK(FitText("short", 5) == "short");
  CHECK(FitText("too long", 6) == "too...");
  CHECK(FitText("ab\xc3\xa9\xc3\xa9", 5) == "ab...");
  CHECK(FitText("a\xc3\xa9xyz", 5) == "a...");
  CHECK(FitText("anything", 2) == "..");
  CHECK(FitText("\xf0\x9f\x9a\xa2", 4) == "\xf0\x9f\x9a\xa2");
}

TEST_CASE("FitText: bytes that are no UTF-8 never reach an object") {
  CHECK(FitText("a\xff"
                "b",
                9) == "a?b");
  CHECK(FitText("\xc3", 9) == "?");
  CHECK(FitText("\xed\xa0\x80", 9) == "???");
  CHECK(FitText("\xc0\x80", 9) == "??");
  CHECK(FitText(std::string_view("a\0b", 3), 9).size() == 3);
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

TEST_CASE("Counted: one is singular, nothing and many are plural") {
  CHECK(Counted(0, "pod") == "0 pods");
  CHECK(Counted(1, "pod") == "1 pod");
  CHECK(Counted(2, "pod") == "2 pods");
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
