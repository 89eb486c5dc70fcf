// SPDX-License-Identifier: Apache-2.0
#include "advisor/leak/trend_statistics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace plimsoll::leak {

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double SenSlope(std::span<const double> series) {
  std::vector<double> slopes;
  slopes.reserve(series.size() * (series.size() - 1) / 2);
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = i + 1; j < series.size(); ++j) {
      slopes.push_back((series[j] - series[i]) / static_cast<double>(j - i));
    }
  }
  return Median(std::move(slopes));
}

double Autocorrelation(std::span<const double> series) {
  if (series.size() < 3) return 0;
  const double mean =
      std::accumulate(series.begin(), series.end(), 0.0) / static_cast<double>(series.size());
  double variance = 0;
  double covariance = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    variance += (series[i] - mean) * (series[i] - mean);
    if (i > 0) covariance += (series[i] - mean) * (series[i - 1] - mean);
  }
  return variance <= 0 ? 0 : std::clamp(covariance / variance, -1.0, 1.0);
}

std::vector<double> Detrended(std::span<const double> series, double slope) {
  std::vector<double> rest(series.begin(), series.end());
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= slope * static_cast<double>(i);
  return rest;
}

double TrendScore(std::span<const double> series, double slope) {
  const auto n = static_cast<double>(series.size());
  double score = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (std::size_t j = i + 1; j < series.size(); ++j) {
      score += series[j] > series[i] ? 1 : (series[j] < series[i] ? -1 : 0);
    }
  }
  const double r1 = std::max(0.0, Autocorrelation(Detrended(series, slope)));
  double inflation = 0;
  double power = 1;
  for (double k = 1; k < n; ++k) {
    power *= r1;
    inflation += (1 - k / n) * power;
  }
  const double variance = n * (n - 1) * (2 * n + 5) / 18 * (1 + 2 * inflation);
  if (score == 0 || variance <= 0) return 0;
  return (score > 0 ? score - 1 : score + 1) / std::sqrt(variance);
}

}  // namespace plimsoll::leak
