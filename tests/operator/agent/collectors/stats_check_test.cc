// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/collectors/stats_check.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace plimsoll::agent {
namespace {

v1::AllocatorStats Good() {
  v1::AllocatorStats stats;
  stats.set_start_time_unix_nano(1'795'000'000'000'000'000);
  stats.mutable_heap()->set_live(100 << 20);
  stats.mutable_allocation()->set_bytes_total(std::uint64_t{1} << 61);  // a counter may
  v1::Knob& knob = *stats.add_knobs();
  knob.set_name("GOGC");
  knob.set_number(-1);
  return stats;
}

TEST_CASE("StatsCheck: a sound answer passes, also with much allocated and GOGC off") {
  CHECK_FALSE(Complaint(Good()).has_value());
}

TEST_CASE("StatsCheck: what cannot be true is named") {
  v1::AllocatorStats stats = Good();
  stats.mutable_heap()->set_live(std::numeric_limits<std::uint64_t>::max());
  CHECK(Complaint(stats) == "heap.live is absurd");

  stats = Good();
  stats.mutable_gc()->set_cpu_seconds_total(std::nan(""));
  CHECK(Complaint(stats) == "gc.cpu_seconds_total is not a sound number");
  stats.mutable_gc()->set_cpu_seconds_total(-1);
  CHECK(Complaint(stats) == "gc.cpu_seconds_total is not a sound number");

  stats = Good();
  for (int i = 0; i < 300; ++i) stats.add_pools();
  CHECK(Complaint(stats) == "pools has 300 entries");

  stats = Good();
  stats.add_pools()->set_name(std::string(1000, 'x'));
  CHECK(Complaint(stats) == "pools[0].name is longer than 256 characters");

  stats = Good();
  stats.clear_start_time_unix_nano();
  CHECK(Complaint(stats) == "start_time_unix_nano is missing or absurd");
}

}  // namespace
}  // namespace plimsoll::agent
