// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/window.h"

#include <doctest/doctest.h>

#include <chrono>

#include "advisor/base/unix_nano.h"

namespace plimsoll::agent {
namespace {

using namespace plimsoll::literals;
using std::chrono::milliseconds;

class Clock {
 public:
  explicit Clock(Window& window) : window_(window) {}
  void After(int ms, const MemoryReading& reading) {
    ms_ += ms;
    window_.Add(TimePoint(milliseconds(ms_)), Instant(milliseconds(ms_)), reading);
  }

 private:
  Window& window_;
  int ms_ = 100'000;
};

MemoryReading Hard(Bytes hard) {
  MemoryReading reading;
  reading.hard = hard;
  reading.soft = 10_MiB;
  reading.usage = hard + 10_MiB;
  reading.inactive_file = 4_MiB;
  reading.limit = 256_MiB;
  return reading;
}

TEST_CASE("Window: a clock set back by an hour leaves a digest of what was read meanwhile") {
  const TimePoint ahead = TimePoint(std::chrono::hours(10));
  Window window(ahead, {}, std::nullopt);
  for (int i = 1; i <= 10; ++i) {
    window.Add(ahead + milliseconds(1000 * i), Instant(milliseconds(1000 * i)), Hard(400_MiB));
  }
  const TimePoint back = ahead - std::chrono::hours(1);
  window.Add(back, Instant(milliseconds(11'000)), Hard(100_MiB));
  const v1::Digest digest = window.Take(back, {});
  CHECK(digest.window_end_unix_nano() == UnixNano(back));
  CHECK(digest.window_start_unix_nano() <= UnixNano(back - milliseconds(10'000)));
  CHECK(digest.window_start_unix_nano() >= UnixNano(back - milliseconds(12'000)));
  CHECK(digest.hard_peak() == (400 << 20));
  // Ten seconds of 400 MiB and one of 100: 372.7 MiB. It was below the lowest reading.
  CHECK(digest.hard_mean() >= (372 << 20));
  CHECK(digest.hard_mean() <= (373 << 20));
}

TEST_CASE("Window: peak, time-weighted mean and last reading make the digest") {
  Window window(TimePoint(milliseconds(100'000)), {}, std::nullopt);
  Clock clock(window);
  clock.After(1000, Hard(100_MiB));
  clock.After(1000, Hard(100_MiB));
  for (int i = 0; i < 10; ++i) clock.After(100, Hard(200_MiB));
  clock.After(1000, Hard(100_MiB));
  const v1::Digest digest = window.Take(TimePoint(milliseconds(104'000)), {});
  CHECK(digest.samples() == 13);
  CHECK(digest.hard_peak() == (200 << 20));
  CHECK(digest.hard_mean() == (125 << 20));  // three seconds at 100, one at 200
  CHECK(digest.soft_mean() == (10 << 20));
  CHECK(digest.usage() == (110 << 20));
  CHECK(digest.working_set() == (106 << 20));
  CHECK(digest.limit() == (256 << 20));
  CHECK_FALSE(digest.urgent());
  CHECK_FALSE(digest.censored());
  CHECK_FALSE(digest.has_swap());
  CHECK_FALSE(digest.has_kernel_peak());
  CHECK_FALSE(digest.has_pressure());
  CHECK_FALSE(digest.has_pod_limit());
  CHECK_FALSE(digest.has_refaults());
  CHECK(window.empty());
}

TEST_CASE("Window: rise is the largest growth within 5 s, across windows too") {
  Window window(TimePoint(milliseconds(100'000)), {}, std::nullopt);
  Clock clock(window);
  for (int i = 0; i < 10; ++i) clock.After(1000, Hard(Bytes(i * 10) * Ratio(1 << 20)));
  CHECK(window.RecentRise() == 50_MiB);
  v1::Digest digest = window.Take(TimePoint(milliseconds(110'000)), {});
  CHECK(digest.rise() == (50 << 20));
  clock.After(1000, Hard(190_MiB));  // 100 more than the last of the window before
  digest = window.Take(TimePoint(milliseconds(111'000)), {});
  CHECK(digest.rise() == (140 << 20));
  clock.After(6000, Hard(10_MiB));
  digest = window.Take(TimePoint(milliseconds(117'000)), {});
  CHECK(digest.rise() == 0);
}

TEST_CASE("Window: the rate needs two readings that are apart, and a rise") {
  Window window(TimePoint(milliseconds(100'000)), {}, std::nullopt);
  Clock clock(window);
  clock.After(0, Hard(100_MiB));
  CHECK_FALSE(window.RecentRate().has_value());
  clock.After(10, Hard(150_MiB));
  CHECK_FALSE(window.RecentRate().has_value());
  clock.After(90, Hard(120_MiB));
  REQUIRE(window.RecentRate().has_value());
  CHECK(window.RecentRate()->value() == doctest::Approx(20.0 * (1 << 20) / 0.1));
  CHECK(window.Urgent({}, {}).rate() == 200 << 20);
  clock.After(100, Hard(90_MiB));
  CHECK_FALSE(window.RecentRate().has_value());
  CHECK_FALSE(window.Urgent({}, {}).has_rate());
}

TEST_CASE("Window: a reading at the limit, or a kill there, makes it censored") {
  Window window(TimePoint(milliseconds(100'000)), {}, std::nullopt);
  Clock clock(window);
  clock.After(1000, Hard(253_MiB));
  CHECK_FALSE(window.Take(TimePoint(milliseconds(100'500)), {}).censored());
  clock.After(1000, Hard(255_MiB));
  CHECK(window.Take(TimePoint(milliseconds(101'000)), {}).censored());
  clock.After(1000, Hard(100_MiB));
  WindowEnd end;
  end.events.oom_kill = 1;
  CHECK_FALSE(window.Take(TimePoint(milliseconds(102'000)), end).censored());  // the node's
  clock.After(1000, Hard(100_MiB));
  end.events = {.max = 3, .oom_kill = 2};
  CHECK(window.Take(TimePoint(milliseconds(102'500)), end).censored());
  end.events = {.max = 4, .oom_kill = 3};
  MemoryReading raised = Hard(100_MiB);
  raised.limit = 1024_MiB;  // it did not come to that
  clock.After(1000, raised);
  CHECK_FALSE(window.Take(TimePoint(milliseconds(102'700)), end).censored());
  MemoryReading throttled = Hard(100_MiB);
  throttled.high = 100_MiB;
  clock.After(1000, throttled);
  CHECK_FALSE(window.Take(TimePoint(milliseconds(103'000)), end).censored());  // new, too
  clock.After(1000, throttled);
  CHECK(window.Take(TimePoint(milliseconds(104'000)), end).censored());
}

TEST_CASE("Window: counters give deltas; one that went back began again") {
  EventCounts start;
  start.max = 10;
  start.oom_kill = 4;
  Window window(TimePoint(milliseconds(0)), start, PressureTotals{1000, 500});
  Clock clock(window);
  MemoryReading reading = Hard(1_MiB);
  reading.refaults = 100;
  clock.After(1000, reading);
  reading.refaults = 130;
  clock.After(1000, reading);
  WindowEnd end;
  end.events.max = 15;
  end.events.oom_kill = 1;
  end.pressure = PressureTotals{1700, 500};
  const v1::Digest digest = window.Take(TimePoint(milliseconds(2000)), end);
  CHECK(digest.events().max() == 5);
  CHECK(digest.events().oom_kill() == 1);
  CHECK(digest.pressure().some_usec() == 700);
  CHECK(digest.pressure().full_usec() == 0);
  CHECK(digest.refaults() == 30);
}

TEST_CASE("Window: pressure that has gone is absent, not zero") {
  Window window(TimePoint(milliseconds(0)), {}, PressureTotals{1000, 500});
  Clock clock(window);
  clock.After(1000, Hard(1_MiB));
  CHECK_FALSE(window.Take(TimePoint(milliseconds(1000)), {}).has_pressure());
}

}  // namespace
}  // namespace plimsoll::agent
