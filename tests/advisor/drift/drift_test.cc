// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

#include "advisor/drift/change_point.h"
#include "advisor/drift/population.h"

namespace plimsoll::drift {
namespace {
using history::EncodeUp;
using history::LogCode;

LogCode Mib(double mib) { return EncodeUp(Bytes::FromDouble(mib * (1 << 20))); }

// Peaks by age from index 1 on: `after` days at one level, the rest at another.
std::vector<LogCode> Fell(int after, double to, double from, int known) {
  std::vector<LogCode> peaks(60, history::kNoData);
  for (int age = 1; age <= known; ++age) {
    peaks[static_cast<std::size_t>(age)] = Mib(age <= after ? to : from);
  }
  return peaks;
}

TEST_CASE("Compare: two even bins against a lopsided pair, as computed by hand") {
  std::vector<LogCode> recent;
  std::vector<LogCode> before;
  for (int i = 0; i < 5000; ++i) {
    recent.push_back(Mib(i % 2 == 0 ? 100 : 400));
    before.push_back(Mib(i % 10 == 0 ? 400 : 100));
  }
  const Divergence found = Compare(recent, before);
  CHECK(found.kullback_leibler == doctest::Approx(0.511).epsilon(0.02));
  CHECK(found.stability == doctest::Approx(0.879).epsilon(0.02));
}

TEST_CASE("Compare: the same population is stable, nothing compares to nothing") {
  std::mt19937 random(1);
  std::vector<LogCode> a;
  std::vector<LogCode> b;
  for (int i = 0; i < 72; ++i) a.push_back(Mib(100.0 + static_cast<double>(random() % 50)));
  for (int i = 0; i < 336; ++i) b.push_back(Mib(100.0 + static_cast<double>(random() % 50)));
  CHECK(Compare(a, b).kullback_leibler < 0.15);
  CHECK(Compare({}, b).stability == 0);
}

TEST_CASE("FindFall: three days below 0.8 of two known weeks, scaled by the medians") {
  const auto fall = FindFall(Fell(3, 400, 800, 30), std::nullopt);
  REQUIRE(fall.has_value());
  CHECK(fall->age == 3);
  CHECK(fall->scale_steps == doctest::Approx(-1024).epsilon(0.01));
  CHECK_FALSE(FindFall(Fell(2, 400, 800, 30), std::nullopt).has_value());
  CHECK_FALSE(FindFall(Fell(3, 700, 800, 30), std::nullopt).has_value());
}

TEST_CASE("FindFall: with less than two weeks known a release must explain it") {
  CHECK_FALSE(FindFall(Fell(3, 400, 800, 8), std::nullopt).has_value());
  CHECK(FindFall(Fell(3, 400, 800, 8), 3).has_value());
}

TEST_CASE("FindFall: a level that was there within two weeks is a rhythm") {
  std::vector<LogCode> peaks = Fell(3, 400, 800, 30);
  peaks[9] = Mib(405);
  CHECK_FALSE(FindFall(peaks, 3).has_value());
}

}  // namespace
}  // namespace plimsoll::drift
