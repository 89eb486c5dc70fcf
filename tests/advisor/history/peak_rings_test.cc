// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/peak_rings.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <vector>

namespace plimsoll::history {
namespace {
using namespace literals;

constexpr Hour kFirst = 20'000 * 24;

TEST_CASE("LogCode: rounds up by at most 0.07 %, and never below") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const Bytes bytes(static_cast<std::int64_t>(random() >> (1 + random() % 62)));
    const double back = Decode(EncodeUp(bytes));
    CHECK(back >= bytes.AsDouble());
    if (bytes > 1_B) CHECK(back <= bytes.AsDouble() * 1.00068);
  }
  CHECK(EncodeUp(100_MiB) == 27285);
  CHECK(Decode(EncodeUp(Bytes::Max())) >= Bytes::Max().AsDouble());
}

TEST_CASE("LogCode: no bytes are data, no data is not") {
  CHECK(EncodeUp(0_B) != kNoData);
  CHECK(EncodeUp(Bytes(-5)) != kNoData);
}

TEST_CASE("PeakRings: days within 0.07 %, hours within 1.1 % above, whatever the order") {
  std::mt19937 random(7);
  std::vector<std::pair<Hour, Bytes>> seen;
  for (Hour hour = kFirst; hour < kFirst + 28 * 24; ++hour) {
    seen.emplace_back(hour, Bytes(100'000'000 + random() % 900'000'000));
    seen.emplace_back(hour, Bytes(100'000'000 + random() % 900'000'000));
  }
  PeakRings in_order;
  for (const auto& [hour, bytes] : seen) CHECK(in_order.Observe(hour, bytes));
  std::ranges::shuffle(seen, random);
  PeakRings shuffled;
  for (const auto& [hour, bytes] : seen) shuffled.Observe(hour, bytes);
  CHECK(in_order == shuffled);

  std::map<Hour, Bytes> hours;
  std::map<Day, Bytes> days;
  for (const auto& [hour, bytes] : seen) {
    hours[hour] = std::max(hours[hour], bytes);
    days[DayOf(hour)] = std::max(days[DayOf(hour)], bytes);
  }
  for (const auto& [hour, bytes] : hours) {
    const double held = Decode(in_order.HourPeak(hour));
    CHECK(held >= bytes.AsDouble());
    CHECK(held <= bytes.AsDouble() * 1.011);
  }
  for (const auto& [day, bytes] : days) {
    CHECK(in_order.DayPeak(day) == EncodeUp(bytes));
  }
}

// Rings of 30 days with gaps, whose levels lie within `octaves` of one another.
PeakRings ManyHours(std::mt19937& random, double octaves) {
  PeakRings rings;
  for (Hour hour = kFirst; hour < kFirst + 30 * 24; ++hour) {
    if (random() % 8 == 0) continue;
    const double up = octaves * static_cast<double>(random() % 1000) / 1000;
    rings.Observe(hour, Bytes::FromDouble(50e6 * std::exp2(up)));
  }
  return rings;
}

TEST_CASE("PeakRings: an hourly quantile is the level that sorting finds, however deep it lies") {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const PeakRings rings = ManyHours(random, round % 3 == 0 ? 12 : 1.5);
    const Hour last = kFirst + static_cast<Hour>(random() % (32 * 24));
    const Hour first = last - static_cast<Hour>(random() % (7 * 24));
    const std::size_t percent = 50 + random() % 50;
    std::vector<LogCode> levels;
    for (Hour hour = first; hour <= last; ++hour) {
      if (const LogCode peak = rings.HourPeak(hour); peak != kNoData) levels.push_back(peak);
    }
    std::ranges::sort(levels);
    const std::size_t rank = (levels.size() * percent + 99) / 100;
    CHECK(rings.HourQuantile(first, last, percent) == (rank == 0 ? kNoData : levels[rank - 1]));
  }
  CHECK(PeakRings().HourQuantile(kFirst, kFirst + 100, 85) == kNoData);
}

TEST_CASE("PeakRings: the days by age are the days one by one") {
  std::mt19937 random(12);
  PeakRings rings = ManyHours(random, 2);
  for (const Day ahead : {-40, -29, 0, 1, 40, 70}) {
    const Day today = DayOf(kFirst) + 29 + ahead;
    const auto by_age = rings.DaysByAge(today);
    for (Day age = 0; age < kDaysKept; ++age) {
      CHECK(by_age[static_cast<std::size_t>(age)] == rings.DayPeak(today - age));
    }
  }
  CHECK(PeakRings().DaysByAge(20'000)[0] == kNoData);
}

TEST_CASE("PeakRings: an hour far below its day's peak is held as a sixteenth of it") {
  PeakRings rings;
  rings.Observe(kFirst, 1_MiB);
  rings.Observe(kFirst + 1, 1_GiB);
  CHECK(Decode(rings.HourPeak(kFirst)) >= (64_MiB).AsDouble());
  CHECK(Decode(rings.HourPeak(kFirst)) <= (68_MiB).AsDouble());
}

TEST_CASE("PeakRings: forgets after 60 days, refuses what is older, and survives a long silence") {
  PeakRings rings;
  rings.Observe(kFirst, 5_MiB);
  rings.Observe(kFirst + 59 * 24, 1_MiB);
  CHECK(rings.DayPeak(DayOf(kFirst)) == EncodeUp(5_MiB));
  CHECK(rings.HourPeak(kFirst) == kNoData);
  rings.Observe(kFirst + 60 * 24, 1_MiB);
  CHECK(rings.DayPeak(DayOf(kFirst)) == kNoData);
  CHECK_FALSE(rings.Observe(kFirst, 9_MiB));
  rings.Observe(kFirst + 1000 * 24, 2_MiB);
  for (Day day = DayOf(kFirst); day < DayOf(kFirst) + 1000; ++day) {
    CHECK(rings.DayPeak(day) == kNoData);
  }
}

TEST_CASE("PeakRings: merging commutes and equals having seen both") {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    PeakRings a;
    PeakRings b;
    PeakRings both;
    for (int i = 0; i < 400; ++i) {
      const Hour hour = kFirst + static_cast<Hour>(random() % (70 * 24));
      const Bytes bytes(1'000'000 + random() % 500'000'000);
      (random() % 2 == 0 ? a : b).Observe(hour, bytes);
      both.Observe(hour, bytes);
    }
    PeakRings ab = a;
    ab.Merge(b);
    PeakRings ba = b;
    ba.Merge(a);
    CHECK(ab == ba);
    for (Day day = ab.head() - kDaysKept; day <= ab.head(); ++day) {
      CHECK(ab.DayPeak(day) == both.DayPeak(day));
      for (Hour hour = day * 24; hour < day * 24 + 24; ++hour) {
        CHECK(ab.HourPeak(hour) == both.HourPeak(hour));
      }
    }
  }
}

}  // namespace
}  // namespace plimsoll::history
