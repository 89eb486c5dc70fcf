// SPDX-License-Identifier: Apache-2.0
//
// What cannot be true is no number: clocks that are wrong.
#include "operator/sources/agents/convert.h"

#include <doctest/doctest.h>

#include <chrono>
#include <limits>

#include "operator/sources/agents/stats.h"

namespace plimsoll::agents {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow{std::chrono::hours(500000)};

std::uint64_t Nano(TimePoint time) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count());
}

v1::Digest ADigest(TimePoint end) {
  v1::Digest digest;
  digest.set_window_start_unix_nano(Nano(end - 15s));
  digest.set_window_end_unix_nano(Nano(end));
  digest.set_samples(15);
  digest.set_hard_peak(1 << 20);
  return digest;
}

TEST_CASE("DigestFrom: a node whose clock is ahead is refused, with the remedy") {
  CHECK(DigestFrom(ADigest(kNow + 4min), kNow));
  const auto ahead = DigestFrom(ADigest(kNow + 6min), kNow);
  REQUIRE_FALSE(ahead);
  CHECK(ahead.error().message().find("set the node's clock") != std::string::npos);
  CHECK(DigestFrom(ADigest(kNow - 24h), kNow));  // from the replay buffer
}

TEST_CASE("OomFrom: a kill is kept whatever the node's clock says") {
  v1::Oom oom;
  oom.set_id("c/1");
  oom.set_kind(v1::Oom::CONTAINER);
  oom.set_time_unix_nano(Nano(kNow + 3h));
  const auto event = OomFrom(oom, kNow);
  REQUIRE(event);
  CHECK(event->time == kNow);
}

TEST_CASE("OomFrom: a kill found in a counter after weeks is not one of now") {
  v1::Oom oom;
  oom.set_id("c/1");
  oom.set_kind(v1::Oom::CHILD);
  oom.set_time_unix_nano(Nano(kNow));
  oom.set_container_start_unix_nano(Nano(kNow - 500h));
  oom.set_earliest_unix_nano(Nano(kNow - 500h));
  const auto late = OomFrom(oom, kNow);
  REQUIRE(late);
  CHECK(late->time == kNow - 500h);
  CHECK_FALSE(late->container_age.has_value());
  // What was saved before the container was there, or never, is bounded by its start.
  oom.set_earliest_unix_nano(0);
  CHECK(OomFrom(oom, kNow)->time == kNow - 500h);
  oom.clear_container_start_unix_nano();
  CHECK(OomFrom(oom, kNow)->time == kNow);
  // A restart of the agent leaves little doubt.
  oom.set_earliest_unix_nano(Nano(kNow - 59min));
  CHECK(OomFrom(oom, kNow)->time == kNow);
}

TEST_CASE("StatsFrom: a sample from the future is refused, with the remedy") {
  v1::AllocatorStats stats;
  stats.set_start_time_unix_nano(Nano(kNow - 1h));
  stats.set_sample_time_unix_nano(Nano(kNow + 6min));
  const auto ahead = StatsFrom(stats, kNow);
  REQUIRE_FALSE(ahead);
  CHECK(ahead.error().message().find("set the clock") != std::string::npos);
}

TEST_CASE("StatsFrom: a number that is none is refused, naming the field") {
  v1::AllocatorStats stats;
  stats.set_start_time_unix_nano(Nano(kNow - 1h));
  stats.set_sample_time_unix_nano(Nano(kNow));
  REQUIRE(StatsFrom(stats, kNow));
  stats.mutable_gc()->set_cpu_seconds_total(std::numeric_limits<double>::quiet_NaN());
  const auto wrong = StatsFrom(stats, kNow);
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message().find("stats.gc.cpu_seconds_total") != std::string::npos);
  stats.mutable_gc()->set_cpu_seconds_total(1);
  auto* knob = stats.add_knobs();
  knob->set_name("GOGC");
  knob->set_number(1e300);
  CHECK_FALSE(StatsFrom(stats, kNow)->gc_percent);
}

TEST_CASE("StatsFrom: what the environment or a flag has set is not tuned, and named") {
  v1::AllocatorStats stats;
  stats.set_start_time_unix_nano(Nano(kNow - 1h));
  stats.set_sample_time_unix_nano(Nano(kNow));
  stats.set_accepts_tuning(true);
  const auto read = [&] { return StatsFrom(stats, kNow).value(); };
  auto* processors = stats.add_knobs();  // which nobody tunes
  processors->set_name("GOMAXPROCS");
  processors->set_source(v1::Knob::ENV);
  auto* gogc = stats.add_knobs();
  gogc->set_name("GOGC");
  gogc->set_source(v1::Knob::API);
  CHECK(read().accepts_tuning);
  CHECK(read().set_by_user.empty());

  gogc->set_source(v1::Knob::ENV);
  CHECK_FALSE(read().accepts_tuning);
  CHECK(read().set_by_user == "GOGC");
  gogc->set_source(v1::Knob::FLAG);
  CHECK(read().set_by_user == "GOGC");
  auto* memory = stats.add_knobs();
  memory->set_name("GOMEMLIMIT");
  memory->set_source(v1::Knob::ENV);
  CHECK(read().set_by_user == "GOGC and GOMEMLIMIT");

  stats.set_accepts_tuning(false);  // who allows no tuning needs no reason
  CHECK(read().set_by_user.empty());
}

}  // namespace
}  // namespace plimsoll::agents
