// SPDX-License-Identifier: Apache-2.0
//
// Robust statistics of a short, autocorrelated series: what the leak test is made of.
#pragma once

#include <span>
#include <vector>

namespace plimsoll::leak {

// Of an even number the upper middle one; 0 of nothing.
[[nodiscard]] double Median(std::vector<double> values);

// Sen's slope: the median of the slopes of all pairs, per step.  1, 2, 9, 4 -> 1.75
[[nodiscard]] double SenSlope(std::span<const double> series);

// Lag-1 autocorrelation, -1 to 1; 0 for a constant series.
[[nodiscard]] double Autocorrelation(std::span<const double> series);

// The series with slope * i taken off.
[[nodiscard]] std::vector<double> Detrended(std::span<const double> series, double slope);

// z of Mann-Kendall's trend test, its variance inflated for autocorrelation after Yue and Wang.
[[nodiscard]] double TrendScore(std::span<const double> series, double slope);

}  // namespace plimsoll::leak
