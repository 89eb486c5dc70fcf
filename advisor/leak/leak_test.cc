// SPDX-License-Identifier: Apache-2.0
#include "advisor/leak/leak_test.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "advisor/leak/trend_statistics.h"

namespace plimsoll::leak {
namespace {

constexpr std::size_t kDay = 24;
constexpr std::size_t kHoursToConfirm = 60;
constexpr double kScore = 2.33;  // one-sided 1 %
constexpr double kLeastGrowth = 0.05;
constexpr double kLeastRising = 0.80;
constexpr double kNormalPerMad = 1.4826;

double Level(std::span<const double> hourly) { return Median({hourly.begin(), hourly.end()}); }

double ResidualSpread(std::span<const double> hourly, double slope) {
  std::vector<double> rest = Detrended(hourly, slope);
  const double middle = Median(rest);
  for (double& value : rest) value = std::abs(value - middle);
  return kNormalPerMad * Median(std::move(rest));
}

// Neither filling up nor a single step: both halves grow.
bool KeepsGrowing(std::span<const double> hourly) {
  const std::size_t half = hourly.size() / 2;
  const double first = SenSlope(hourly.first(half));
  const double second = SenSlope(hourly.last(half));
  return second >= 0.5 * first && first >= 0.2 * second && first > 0;
}

Finding UnderTwoDays(std::span<const double> hourly) {
  const double slope = SenSlope(hourly);
  const double growth = slope * static_cast<double>(hourly.size());
  if (slope <= 0 || growth < kLeastGrowth * Level(hourly)) return {};
  if (growth < ResidualSpread(hourly, slope) || !KeepsGrowing(hourly)) return {};
  if (TrendScore(hourly, slope) <= kScore) return {};
  return {Verdict::kSuspected, slope * kDay};
}

// The growth of the second day against that of the first, where three days are known.
bool SlowsDown(std::span<const double> differences) {
  if (differences.size() < 2 * kDay) return false;
  const auto first = differences.first(kDay);
  const auto second = differences.last(kDay);
  return Median({second.begin(), second.end()}) < 0.5 * Median({first.begin(), first.end()});
}

Finding DayByDay(std::span<const double> hourly) {
  std::vector<double> differences;
  for (std::size_t i = 0; i + kDay < hourly.size(); ++i) {
    differences.push_back(hourly[i + kDay] - hourly[i]);
  }
  const auto n = static_cast<double>(differences.size());
  const double mean = std::accumulate(differences.begin(), differences.end(), 0.0) / n;
  if (mean <= kLeastGrowth * Level(hourly)) return {};
  const auto rising = std::ranges::count_if(differences, [](double d) { return d > 0; });
  if (static_cast<double>(rising) < kLeastRising * n || SlowsDown(differences)) return {};

  double squares = 0;
  for (const double d : differences) squares += (d - mean) * (d - mean);
  const double deviation = std::sqrt(squares / std::max(1.0, n - 1));
  const double r1 = std::clamp(Autocorrelation(differences), 0.0, 0.95);
  const double error = deviation * std::sqrt((1 + r1) / (1 - r1) / n);
  if (error > 0 && mean / error <= kScore) return {};
  return {Verdict::kConfirmed, mean};
}

}  // namespace

Finding TestForLeak(std::span<const double> hourly) {
  if (hourly.size() < kLeastHours) return {};
  if (hourly.size() < 2 * kDay) return UnderTwoDays(hourly);
  const Finding by_day = DayByDay(hourly);
  if (by_day.verdict == Verdict::kNone || hourly.size() >= kHoursToConfirm) return by_day;
  // A single step lifts every difference of the first two days: both tests must agree until then.
  return UnderTwoDays(hourly);
}

}  // namespace plimsoll::leak
