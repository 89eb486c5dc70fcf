// SPDX-License-Identifier: Apache-2.0
#include "advisor/drift/population.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace plimsoll::drift {
namespace {

constexpr std::size_t kBins = 10;
constexpr double kSmoothing = 0.5;
// Codes closer than this (8 %) are one level: noise on a flat line is not ten populations.
constexpr int kLeastWidth = 114;

using Shares = std::array<double, kBins>;

Shares Count(std::span<const history::LogCode> codes, int lowest, int width) {
  Shares shares;
  shares.fill(kSmoothing);
  for (const history::LogCode code : codes) {
    const auto bin = static_cast<std::size_t>((code - lowest) / width);
    shares[std::min(bin, kBins - 1)] += 1;
  }
  const double total = static_cast<double>(codes.size()) + kSmoothing * kBins;
  for (double& share : shares) share /= total;
  return shares;
}

}  // namespace

Divergence Compare(std::span<const history::LogCode> recent,
                   std::span<const history::LogCode> before) {
  if (recent.empty() || before.empty()) return {};
  const auto [low_a, high_a] = std::ranges::minmax(recent);
  const auto [low_b, high_b] = std::ranges::minmax(before);
  const int lowest = std::min(low_a, low_b);
  const int span = std::max(high_a, high_b) - lowest;
  const int width = std::max(kLeastWidth, span / static_cast<int>(kBins) + 1);
  const Shares p = Count(recent, lowest, width);
  const Shares q = Count(before, lowest, width);
  Divergence result;
  for (std::size_t i = 0; i < kBins; ++i) {
    const double log_ratio = std::log(p[i] / q[i]);
    result.stability += (p[i] - q[i]) * log_ratio;
    result.kullback_leibler += p[i] * log_ratio;
  }
  return result;
}

}  // namespace plimsoll::drift
