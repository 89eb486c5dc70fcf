// SPDX-License-Identifier: Apache-2.0
#include "advisor/leak/leak_test.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numbers>
#include <random>
#include <vector>

#include "advisor/leak/trend_statistics.h"

namespace plimsoll::leak {
namespace {

std::vector<double> Series(int hours, const std::function<double(int)>& level) {
  std::vector<double> series;
  for (int hour = 0; hour < hours; ++hour) series.push_back(level(hour));
  return series;
}

double Daily(int hour) { return std::sin(2 * std::numbers::pi * hour / 24); }

TEST_CASE("SenSlope: the median of all pairs' slopes") {
  CHECK(SenSlope(std::vector<double>{1, 2, 9, 4}) == doctest::Approx(1.75).epsilon(0.5));
  CHECK(SenSlope(std::vector<double>{0, 2, 4, 6, 8}) == 2);
}

TEST_CASE("TestForLeak: steady growth is suspected after a day and confirmed after two") {
  const auto grow = [](int hour) { return 100 + 0.5 * hour; };
  CHECK(TestForLeak(Series(23, grow)).verdict == Verdict::kNone);
  CHECK(TestForLeak(Series(30, grow)).verdict == Verdict::kSuspected);
  const Finding sure = TestForLeak(Series(60, grow));
  CHECK(sure.verdict == Verdict::kConfirmed);
  CHECK(sure.slope_per_day == doctest::Approx(12));
}

TEST_CASE("TestForLeak: a daily rhythm, a single step and a cache that fills up are none") {
  for (const int hours : {24, 30, 36, 47, 48, 60, 72}) {
    CAPTURE(hours);
    CHECK(TestForLeak(Series(hours, [](int h) { return 100 + 20 * Daily(h); })).verdict ==
          Verdict::kNone);
    CHECK(TestForLeak(Series(hours, [=](int h) { return h < hours / 2 ? 100 : 130; })).verdict ==
          Verdict::kNone);
    CHECK(TestForLeak(Series(hours, [](int h) { return 100 - 60 * std::exp(-h / 4.0); })).verdict ==
          Verdict::kNone);
  }
}

TEST_CASE("TestForLeak: growth on top of a daily rhythm is still found") {
  const auto series = Series(72, [](int h) { return 100 + 10 * Daily(h) + 0.5 * h; });
  CHECK(TestForLeak(series).verdict == Verdict::kConfirmed);
}

TEST_CASE("TestForLeak: autocorrelated noise is rarely called a leak") {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  for (const double phi : {0.0, 0.6, 0.9}) {
    int alarms = 0;
    constexpr int kRuns = 300;
    for (int run = 0; run < kRuns; ++run) {
      double state = 0;
      const auto noise = Series(24 + run % 49, [&](int) {
        state = phi * state + std::sqrt(1 - phi * phi) * normal(random);
        return 100 + 3 * state;
      });
      alarms += TestForLeak(noise).verdict != Verdict::kNone ? 1 : 0;
    }
    CAPTURE(phi);
    CHECK(alarms <= kRuns * 4 / 100);
  }
}

}  // namespace
}  // namespace plimsoll::leak
