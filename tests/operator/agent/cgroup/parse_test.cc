// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/cgroup/parse.h"

#include <doctest/doctest.h>

namespace plimsoll::agent {
namespace {

TEST_CASE("Parse: numbers are whole lines, in range, or refused") {
  CHECK(*ParseCount("12345\n") == 12345);
  for (const char* bad : {"", "\n", "12345", "-1\n", "12 34\n", "0x10\n", "1e9\n", "max\n",
                          "99999999999999999999999\n"}) {
    CAPTURE(bad);
    REQUIRE_FALSE(ParseCount(bad));
    CHECK(ParseCount(bad).error().code() == ErrorCode::kInvalid);
  }
  CHECK(ParseBytes("1152921504606846976\n")->count() == 1152921504606846976);
  CHECK_FALSE(ParseBytes("1152921504606846977\n"));
}

TEST_CASE("Parse: no limit is not a large limit") {
  CHECK_FALSE(ParseLimit("max\n")->has_value());
  CHECK_FALSE(ParseLimit("9223372036854771712\n")->has_value());  // v1, 4 KiB pages
  CHECK_FALSE(ParseLimit("9223372036854710272\n")->has_value());  // v1, 64 KiB pages
  CHECK(ParseLimit("268435456\n")->value() == Bytes(268435456));
  CHECK_FALSE(ParseLimit("2684354"));
  CHECK_FALSE(ParseLimit("9000000000000000000\n"));
}

TEST_CASE("KeyedFile: keys in any order, none mistaken for another's end or start") {
  const Result<KeyedFile> file =
      KeyedFile::Parse("inactive_file 3\nfile 2\nfile_mapped 9\nanon 1\n");
  REQUIRE(file);
  CHECK(*file->Count("file") == 2);
  CHECK(*file->Count("anon") == 1);
  CHECK(*file->Count("inactive_file") == 3);
  CHECK_FALSE(file->Count("mapped"));
  CHECK(file->Count("shmem").error().message() == "no key shmem");
  CHECK_FALSE(file->OptionalCount("shmem")->has_value());
}

TEST_CASE("KeyedFile: a file cut off or with a value that is no number is refused") {
  CHECK_FALSE(KeyedFile::Parse("anon 1\nfile 12"));
  CHECK_FALSE(KeyedFile::Parse(""));
  const Result<KeyedFile> file =
      KeyedFile::Parse("anon x\nfile \nshmem -4\nsock 99999999999999999\n");
  REQUIRE(file);
  CHECK_FALSE(file->Count("anon"));
  CHECK_FALSE(file->Count("file"));
  CHECK_FALSE(file->OptionalCount("shmem"));
  CHECK_FALSE(KeyedFile::Parse("sock 9999999999999999999\n")->Size("sock"));
}

TEST_CASE("Pressure: totals of both lines, nothing from half a file") {
  const Result<PressureTotals> totals = ParsePressure(
      "some avg10=0.00 avg60=1.00 avg300=0.00 total=1000\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=400\n");
  REQUIRE(totals);
  CHECK(totals->some_usec == 1000);
  CHECK(totals->full_usec == 400);
  CHECK_FALSE(ParsePressure("some avg10=0.00 total=1000\n"));
  CHECK_FALSE(ParsePressure("some avg10=0.00 total=1000\nfull avg10=0.00 total=4"));
  CHECK_FALSE(ParsePressure("some avg10=0.00\nfull avg10=0.00\n"));
}

}  // namespace
}  // namespace plimsoll::agent
