// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/minute_assembler.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll::cli {
namespace {

std::vector<AssembledMinute> Minutes(const std::vector<TraceRow>& rows) {
  MinuteAssembler assembler;
  std::vector<AssembledMinute> minutes;
  const auto emit = [&minutes](const AssembledMinute& minute) { minutes.push_back(minute); };
  for (const auto& row : rows) REQUIRE(assembler.Add(row, emit));
  assembler.Finish(emit);
  return minutes;
}

TraceRow Row(std::int64_t second, double hard, std::string release = "") {
  TraceRow row;
  row.time = TimePoint(std::chrono::seconds(second));
  row.hard = hard;
  row.release = std::move(release);
  return row;
}

TEST_CASE("Minutes: readings within one are its highest and its last") {
  const auto minutes = Minutes({Row(0, 10), Row(20, 30), Row(40, 20)});
  REQUIRE(minutes.size() == 1);
  CHECK(minutes[0].minute.peak == 30);
  CHECK(minutes[0].minute.level == 20);
}

TEST_CASE("RowSpacing: three times the median of the last five, from 15 minutes to 3 days") {
  const auto hold = [](const std::vector<std::int64_t>& intervals) {
    RowSpacing spacing;
    for (const auto minutes : intervals) spacing.Add(minutes);
    return spacing.HoldMinutes();
  };
  CHECK(hold({}) == 15);
  CHECK(hold({1}) == 15);
  CHECK(hold({6}) == 18);
  CHECK(hold({5, 5, 60, 5, 5}) == 15);
  CHECK(hold({60, 60, 60, 240, 60}) == 180);
  CHECK(hold({60, 5}) == 15);  // of two the lower
  CHECK(hold({5, 5, 5, 5, 5, 60, 60}) == 15);
  CHECK(hold({5, 5, 5, 5, 5, 60, 60, 60}) == 180);
  CHECK(hold({1440}) == 3 * 1440);
  CHECK(hold({1LL << 40}) == 3 * 1440);
}

std::vector<TraceRow> Every(std::int64_t minutes, int rows, std::int64_t from = 0) {
  std::vector<TraceRow> all;
  for (int i = 0; i < rows; ++i) all.push_back(Row((from + i * minutes) * 60, 10));
  return all;
}

std::vector<TraceRow> Then(std::vector<TraceRow> rows, const std::vector<TraceRow>& more) {
  rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

std::size_t Unknown(const std::vector<AssembledMinute>& minutes) {
  std::size_t unknown = 0;
  for (const auto& minute : minutes) unknown += minute.minute.level == 0 ? 1 : 0;
  return unknown;
}

TEST_CASE("Minutes: a row holds until the next, but not over a gap of more than 15 minutes") {
  const auto held = Minutes({Row(0, 10), Row(300, 20)});
  REQUIRE(held.size() == 6);
  CHECK(held[4].minute.level == 10);
  CHECK(held[5].minute.level == 20);
  CHECK(Unknown(Minutes(Then(Every(5, 6), Every(5, 6, 25 + 15)))) == 0);
  const auto gap = Minutes(Then(Every(5, 6), Every(5, 6, 25 + 16)));
  REQUIRE(gap.size() == 25 + 16 + 25 + 1);
  CHECK(Unknown(gap) == 1);
  CHECK(gap[39].minute.level == 10);
  CHECK(gap[40].minute.level == 0);
  CHECK(gap[41].minute.level == 10);
  CHECK(Minutes({Row(0, 10), Row(86400LL * 365 * 40, 20)}).size() < 100'000);
}

TEST_CASE("Minutes: rows hold for longer where they are usually further apart, from the first on") {
  CHECK(Unknown(Minutes(Every(60, 48))) == 0);
  CHECK(Unknown(Minutes(Every(1440, 8))) == 0);
  CHECK(Unknown(Minutes(Every(60, 3))) == 0);  // fewer than it usually waits for
  CHECK(Unknown(Minutes(Then(Every(60, 6), Every(60, 6, 300 + 180)))) == 0);
  CHECK(Unknown(Minutes(Then(Every(60, 6), Every(60, 6, 300 + 181)))) == 1);
  // A gap among the first rows is one too.
  CHECK(Unknown(Minutes(Then(Every(5, 2), Every(5, 6, 65)))) == 45);
  // Rows that come rarer from some time on: told as gaps until that is usual.
  CHECK(Unknown(Minutes(Then(Every(5, 6), Every(60, 24, 85)))) == 3 * 45);
}

TEST_CASE(
    "Minutes: a row before a gap holds as long as rows hold, and a Job's as long as is usual") {
  CHECK(Unknown(Minutes(Then(Every(5, 6), Every(5, 6, 25 + 2880)))) == 2880 - 15);
  auto job = Then(Every(5, 6), Every(5, 6, 25 + 2880));
  for (auto& row : job) row.batch = true;
  CHECK(Unknown(Minutes(job)) == 2880 - 5);
}

TEST_CASE("Minutes: what is swapped out is demand at the peak, too") {
  auto row = Row(0, 100);
  row.peak = 190;
  row.swap = 100;
  const auto minutes = Minutes({row});
  REQUIRE(minutes.size() == 1);
  CHECK(minutes[0].minute.level == 200);
  CHECK(minutes[0].minute.peak == 290);
}

TEST_CASE("Minutes: two rows in one minute are no spacing, nor is what lies before a start") {
  std::vector<TraceRow> twice;
  for (const auto& row : Every(60, 12)) twice.insert(twice.end(), {row, row});
  CHECK(Unknown(Minutes(twice)) == 0);
  auto runs = Every(1440, 12);
  for (auto& row : runs) row.start = true;
  CHECK(Unknown(Minutes(runs)) == 11 * 1439);
}

TEST_CASE("Minutes: of an hourly row the peak is its own minute's; start and release come once") {
  auto rows = Every(60, 8);
  rows[1].peak = 50;
  rows[1].start = true;
  rows[1].release = "v2";
  const auto minutes = Minutes(rows);
  REQUIRE(minutes.size() == 7 * 60 + 1);
  CHECK(minutes[60].minute.peak == 50);
  CHECK(minutes[60].minute.level == 10);
  CHECK(minutes[61].minute.peak == 10);
  std::size_t starts = 0;
  std::size_t releases = 0;
  for (const auto& minute : minutes) {
    starts += minute.start ? 1 : 0;
    releases += minute.release.empty() ? 0 : 1;
  }
  CHECK(starts == 1);
  CHECK(releases == 1);
  CHECK(minutes[60].start);
  CHECK(minutes[60].release == "v2");
}

TEST_CASE("Minutes: gaps are counted with the first one's line, but for a start's and a Job's") {
  const auto gaps = [](std::vector<TraceRow> rows) {
    MinuteAssembler assembler;
    const auto ignore = [](const AssembledMinute&) {};
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i].line = static_cast<std::int64_t>(i) + 2;
      REQUIRE(assembler.Add(rows[i], ignore));
    }
    assembler.Finish(ignore);
    return assembler.gaps();
  };
  CHECK(gaps(Every(60, 48)).count == 0);
  auto rows = Then(Then(Every(5, 3), Every(5, 3, 30)), Every(5, 6, 100));
  CHECK(gaps(rows).count == 2);
  CHECK(gaps(rows).first_line == 5);
  CHECK(gaps(rows).first_minutes == 20);
  CHECK(gaps(rows).first_hold == 15);
  rows[3].start = true;
  CHECK(gaps(rows).count == 1);
  CHECK(gaps(rows).first_line == 8);
  for (auto& row : rows) row.batch = true;
  CHECK(gaps(rows).count == 0);
}

TEST_CASE("Minutes: a release counts where it changes, and time does not run backwards") {
  const auto minutes = Minutes({Row(0, 10, "v1"), Row(60, 10, "v1"), Row(120, 10, "v2")});
  REQUIRE(minutes.size() == 3);
  CHECK(minutes[0].release == "v1");
  CHECK(minutes[1].release.empty());
  CHECK(minutes[2].release == "v2");
  MinuteAssembler assembler;
  const auto ignore = [](const AssembledMinute&) {};
  CHECK(assembler.Add(Row(60, 1), ignore));
  CHECK_FALSE(assembler.Add(Row(0, 1), ignore));
}

}  // namespace
}  // namespace plimsoll::cli
