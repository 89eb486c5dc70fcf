// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/random.h"

#include <cmath>
#include <numbers>

namespace plimsoll::replay {

std::uint64_t Random::Next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

double Random::Uniform() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

double Random::Between(double low, double high) { return low + (high - low) * Uniform(); }

double Random::LogBetween(double low, double high) {
  return std::exp(Between(std::log(low), std::log(high)));
}

double Random::Normal() {
  const double radius = std::sqrt(-2 * std::log(1 - Uniform()));
  return radius * std::cos(2 * std::numbers::pi * Uniform());
}

double Random::Pareto(double alpha) { return std::pow(1 - Uniform(), -1 / alpha); }

std::int64_t Random::Below(std::int64_t limit) {
  return static_cast<std::int64_t>(Next() % static_cast<std::uint64_t>(limit));
}

}  // namespace plimsoll::replay
