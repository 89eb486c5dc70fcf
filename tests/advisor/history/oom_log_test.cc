// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/oom_log.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "advisor/base/units.h"

namespace plimsoll::history {
namespace {

// Megabytes whose kills are told, all in one minute.
OomLog Killed(const std::vector<int>& limits) {
  OomLog log;
  for (const int limit : limits) log.Refute(Bytes(std::int64_t{limit} << 20), 1000);
  return log;
}

std::vector<LimitRefuted> Kept(const OomLog& log) {
  return {log.refuted().begin(), log.refuted().end()};
}

TEST_CASE(
    "OomLog: of nine limits in one minute the lowest gives way, in whatever order they come") {
  std::vector<int> limits = {4, 30, 41, 42, 43, 44, 45, 46, 47};
  const auto kept = Kept(Killed({30, 41, 42, 43, 44, 45, 46, 47}));
  REQUIRE(kept.size() == OomLog::kRecords);
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    CAPTURE(limits);
    CHECK(Kept(Killed(limits)) == kept);
    const auto middle = limits.begin() + static_cast<std::ptrdiff_t>(random() % 10);
    const OomLog first = Killed({limits.begin(), middle});
    const OomLog second = Killed({middle, limits.end()});
    OomLog forth = first;
    forth.Merge(second);
    OomLog back = second;
    back.Merge(first);
    CHECK(Kept(forth) == kept);
    CHECK(Kept(back) == kept);
    std::ranges::shuffle(limits, random);
  }
}

TEST_CASE("OomLog: what gave way is the longest not seen, however high it is") {
  OomLog log;
  log.Refute(Bytes(90 << 20), 999);
  log.Merge(Killed({4, 30, 41, 42, 43, 44, 45, 46}));
  CHECK(Kept(log) == Kept(Killed({4, 30, 41, 42, 43, 44, 45, 46})));
  log.Refute(Bytes(90 << 20), 999);
  CHECK(Kept(log) == Kept(Killed({4, 30, 41, 42, 43, 44, 45, 46})));
}

}  // namespace
}  // namespace plimsoll::history
