// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/report_log.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace plimsoll::agent {
namespace {

v1::Report DigestOf(const std::string& id) {
  v1::Report report;
  report.mutable_digest()->set_container_id(id);
  return report;
}

v1::Report OomOf(const std::string& id) {
  v1::Report report;
  report.mutable_oom()->set_id(id);
  return report;
}

std::vector<std::uint64_t> CursorsAfter(ReportLog& log, std::uint64_t after) {
  std::vector<std::uint64_t> cursors;
  while (const std::optional<v1::Report> report = log.Next(after)) {
    cursors.push_back(report->cursor());
  }
  return cursors;
}

TEST_CASE("ReportLog: numbers grow by one, and what is unacknowledged is given out again") {
  ReportLog log;
  log.Append(DigestOf("a"));
  log.Append(OomOf("kill"));
  log.Append(DigestOf("b"));
  CHECK(CursorsAfter(log, 0) == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(CursorsAfter(log, 2) == std::vector<std::uint64_t>{3});
  log.Acknowledge(1);
  CHECK(CursorsAfter(log, 0) == std::vector<std::uint64_t>{2, 3});
  log.Acknowledge(99);  // never given out: ignored
  CHECK(CursorsAfter(log, 0) == std::vector<std::uint64_t>{2, 3});
  CHECK(log.PendingOoms().size() == 1);
  log.Acknowledge(3);
  CHECK(CursorsAfter(log, 0).empty());
  CHECK(log.PendingOoms().empty());
  CHECK(log.Last() == 3);
}

TEST_CASE("ReportLog: text that is no UTF-8 costs its own report and holds up no other") {
  ReportLog log;
  v1::Report broken;
  broken.mutable_runtime()->set_problem("\xff\xfe");
  log.Append(DigestOf("a"));
  log.Append(std::move(broken));
  log.Append(OomOf("kill"));
  CHECK(CursorsAfter(log, 0) == std::vector<std::uint64_t>{1, 3});
  CHECK(log.LostSince(1) == 1);
}

TEST_CASE("ReportLog: when full, digests go first, the oldest first, and are counted") {
  ReportLog log({.bytes = 2000, .oom_bytes = 2000});
  log.Append(OomOf("first"));
  for (int i = 0; i < 100; ++i) log.Append(DigestOf(std::string(36, 'x')));
  log.Append(OomOf("last"));
  const std::vector<std::uint64_t> kept = CursorsAfter(log, 0);
  CHECK(kept.front() == 1);
  CHECK(kept.back() == 102);
  CHECK(kept.size() < 25);
  CHECK(kept[1] > 80);
  CHECK(log.LostSince(0) == 102 - kept.size());
  CHECK(log.LostSince(kept[1] - 1) == 0);
  CHECK(log.LostSince(kept[1] - 3) == 2);
}

TEST_CASE("ReportLog: OOM events have a bound of their own, so that a flood of them ends too") {
  ReportLog log({.bytes = 2000, .oom_bytes = 2000});
  log.Append(DigestOf("kept"));
  for (int i = 0; i < 1000; ++i) log.Append(OomOf("kill" + std::to_string(i)));
  const std::vector<std::uint64_t> kept = CursorsAfter(log, 0);
  CHECK(kept.front() == 1);
  CHECK(kept.size() < 40);
  CHECK(log.LostSince(1) == 1001 - kept.size());
}

TEST_CASE("ReportLog: of urgent readings only the newest of each container waits") {
  ReportLog log;
  for (int i = 1; i <= 5; ++i) {
    v1::Digest digest;
    digest.set_container_id(i % 2 == 0 ? "even" : "odd");
    digest.set_usage(static_cast<std::uint64_t>(i));
    log.Urgent(digest);
  }
  std::uint64_t after = 0;
  CHECK(log.Next(after)->digest().usage() == 4);
  CHECK(log.Next(after)->digest().usage() == 5);
  CHECK_FALSE(log.Next(after));
  CHECK(after == 0);
}

TEST_CASE("ReportLog: urgent readings do not hold up an OOM event") {
  ReportLog log;
  log.Append(OomOf("kill"));
  std::uint64_t after = 0;
  int until = 0;
  for (bool seen = false; !seen; ++until) {
    REQUIRE(until < 3);
    v1::Digest digest;
    digest.set_container_id("busy");
    log.Urgent(digest);
    seen = log.Next(after)->has_oom();
  }
  CHECK(until <= 2);
}

TEST_CASE("ReportLog: news wakes the listener until it is taken away") {
  ReportLog log;
  int woken = 0;
  log.OnNews([&] { ++woken; });
  log.Append(DigestOf("a"));
  log.Urgent({});
  log.Status({});
  CHECK(woken == 3);
  log.OnNews({});
  log.Append(DigestOf("b"));
  CHECK(woken == 3);
}

}  // namespace
}  // namespace plimsoll::agent
