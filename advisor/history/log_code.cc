// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/log_code.h"

#include <array>
#include <cmath>
#include <cstddef>

namespace plimsoll::history {
namespace {

std::array<double, kStepsPerOctave> MakeFractions() {
  std::array<double, kStepsPerOctave> fractions{};
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    fractions[i] = std::exp2(static_cast<double>(i) / kStepsPerOctave);
  }
  return fractions;
}

}  // namespace

const std::array<double, kStepsPerOctave> kOctaveFractions = MakeFractions();

LogCode EncodeUp(Bytes bytes) {
  if (bytes.count() <= 1) return 1;
  const double value = bytes.AsDouble();
  auto code = static_cast<LogCode>(1 + std::ceil(kStepsPerOctave * std::log2(value)));
  // log2 may be off by its last bit on either side of a step.
  while (Decode(code) < value) ++code;
  while (code > 1 && Decode(static_cast<LogCode>(code - 1)) >= value) --code;
  return code;
}

}  // namespace plimsoll::history
