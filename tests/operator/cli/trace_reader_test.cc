// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/trace_reader.h"

#include <doctest/doctest.h>

#include <sstream>

namespace plimsoll::cli {
namespace {

constexpr TimePoint kNow{Duration(1'800'000'000'000)};

struct Read {
  std::vector<TraceRow> rows;
  std::string error;
};

Read ReadAll(const std::string& text) {
  std::istringstream in(text);
  TraceReader reader(in, "t.csv", kNow);
  Read read;
  if (const auto opened = reader.Open(); !opened) return {{}, opened.error().message()};
  for (;;) {
    auto row = reader.Next();
    if (!row) {
      read.error = row.error().message();
      return read;
    }
    if (!*row) return read;
    read.rows.push_back(**row);
  }
}

TEST_CASE("Trace: columns are found by name, in any order, others are passed over") {
  const auto read = ReadAll(
      "release,color,hard_bytes,start,container,peak_bytes,time\n"
      "v1,red,100,1,a/b,150,2026-08-21T07:12:44Z\n"
      "v1,red,1e2,,\"c,\"\"d\",,1787296364.5\n");
  CHECK(read.error == "");
  REQUIRE(read.rows.size() == 2);
  CHECK(read.rows[0].time.time_since_epoch().count() == 1'787'296'364'000);
  CHECK(read.rows[0].container == "a/b");
  CHECK(read.rows[0].line == 2);
  CHECK(read.rows[0].hard == 100);
  CHECK(read.rows[0].peak == 150.0);
  CHECK(read.rows[0].start);
  CHECK(read.rows[0].release == "v1");
  CHECK(read.rows[1].container == "c,\"d");
  CHECK(read.rows[1].time.time_since_epoch().count() == 1'787'296'364'500);
  CHECK_FALSE(read.rows[1].peak);
  CHECK_FALSE(read.rows[1].start);
}

TEST_CASE("Trace: line ends may be mixed, a byte order mark and empty lines are passed over") {
  const auto read = ReadAll("\xef\xbb\xbftime,container,hard_bytes\r1,a,1\r\n\n2,a,2\n\r3,a,3");
  CHECK(read.error == "");
  CHECK(read.rows.size() == 3);
}

TEST_CASE("Trace: what is wrong is told with file, line, field and remedy") {
  const auto error = [](const std::string& row) {
    return ReadAll("time,container,hard_bytes,start\n1,a,1,0\n" + row).error;
  };
  CHECK(error("2,a,nan,0") ==
        "t.csv:3: hard_bytes: 'nan' is not a number of bytes between 0 and 8 TiB; write bytes "
        "without a unit, and leave out rows without a reading");
  CHECK(error("2,a,100Mi,0").find("write bytes without a unit") != std::string::npos);
  CHECK(error("2,a,inf,0").find("t.csv:3: hard_bytes") == 0);
  CHECK(error("2,a,-1,0").find("t.csv:3: hard_bytes") == 0);
  CHECK(error("2,a,9223372036854775808,0").find("t.csv:3: hard_bytes") == 0);
  CHECK(error("2,a,,0").find("leave out rows without a reading") != std::string::npos);
  CHECK(error("2,a").find("t.csv:3: hard_bytes") == 0);
  CHECK(error("2,,5,0").find("t.csv:3: container: empty") == 0);
  CHECK(error("yesterday,a,5,0").find("RFC 3339") != std::string::npos);
  CHECK(error("1900000000,a,5,0").find("in the future") != std::string::npos);
  CHECK(error("1790000000000,a,5,0").find("neither RFC 3339") != std::string::npos);
  CHECK(error("1790000000000,a,5,0").find("divide by 1000") != std::string::npos);
  CHECK(error("2,shop,web,5,0") ==
        "t.csv:3: line: 5 cells where the header names 4; put a name that holds a comma in double "
        "quotes");
  CHECK(error("2,a,5,0,,") == "");  // empty cells at the end hold nothing
  CHECK(error("2,a,5,yes").find("neither 0 nor 1") != std::string::npos);
  CHECK(error("2,\"a,5,0").find("not closed") != std::string::npos);
  CHECK(error(std::string(70'000, 'x')).find("is this a CSV file?") != std::string::npos);
  CHECK(ReadAll("").error.find("the file is empty") != std::string::npos);
  CHECK(ReadAll("time,container\n").error.find("no column 'hard_bytes'") != std::string::npos);
  CHECK(
      ReadAll("time;container;hard_bytes\n1;a;5\n").error ==
      "t.csv:1: header: no column 'time' in 'time;container;hard_bytes'; the first line must name "
      "the columns, with commas between, at least time,container,hard_bytes");
  CHECK(ReadAll("time,time,container,hard_bytes\n").error.find("there twice") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::cli
