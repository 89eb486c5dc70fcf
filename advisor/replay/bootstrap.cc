// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/bootstrap.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "advisor/replay/random.h"

namespace plimsoll::replay {
namespace {

constexpr int kResamples = 1000;
constexpr std::uint64_t kSeed = 20260101;  // the same data give the same interval

template <class Statistic>
Interval Resample(std::size_t count, double value, Statistic statistic) {
  Random random(kSeed);
  std::vector<double> results;
  results.reserve(kResamples);
  std::vector<std::size_t> drawn(count);
  for (int i = 0; i < kResamples; ++i) {
    for (auto& index : drawn) {
      index = static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(count)));
    }
    results.push_back(statistic(drawn));
  }
  std::sort(results.begin(), results.end());
  return {value, results[kResamples * 25 / 1000], results[kResamples * 975 / 1000]};
}

}  // namespace

Interval MeanInterval(std::span<const double> values) {
  if (values.empty()) return {};
  // Every draw from one is that one.
  if (values.size() == 1) return {values[0], values[0], values[0]};
  const auto mean = [values](const std::vector<std::size_t>& drawn) {
    double sum = 0;
    for (const auto index : drawn) sum += values[index];
    return sum / static_cast<double>(drawn.size());
  };
  double sum = 0;
  for (const double value : values) sum += value;
  return Resample(values.size(), sum / static_cast<double>(values.size()), mean);
}

std::optional<Interval> RatioInterval(std::span<const double> ours,
                                      std::span<const double> theirs) {
  double our_sum = 0;
  double their_sum = 0;
  for (const double value : ours) our_sum += value;
  for (const double value : theirs) their_sum += value;
  if (their_sum <= 0 || ours.size() != theirs.size()) return std::nullopt;
  const double ratio = our_sum / their_sum;
  return Resample(ours.size(), ratio, [&](const std::vector<std::size_t>& drawn) {
    double a = 0;
    double b = 0;
    for (const auto index : drawn) {
      a += ours[index];
      b += theirs[index];
    }
    return b > 0 ? a / b : ratio;
  });
}

}  // namespace plimsoll::replay
