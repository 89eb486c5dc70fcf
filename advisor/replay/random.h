// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are the same everywhere for the same seed (the standard's distributions are
// not): a scenario is its family and its seed.
#pragma once

#include <cstdint>

namespace plimsoll::replay {

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  [[nodiscard]] std::uint64_t Next();  // splitmix64
  [[nodiscard]] double Uniform();      // [0, 1)
  [[nodiscard]] double Between(double low, double high);
  [[nodiscard]] double LogBetween(double low, double high);  // log-uniform; both > 0
  [[nodiscard]] double Normal();                             // mean 0, deviation 1
  [[nodiscard]] double Pareto(double alpha);                 // >= 1
  [[nodiscard]] std::int64_t Below(std::int64_t limit);

 private:
  std::uint64_t state_;
};

}  // namespace plimsoll::replay
