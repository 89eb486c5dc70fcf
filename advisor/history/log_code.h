// SPDX-License-Identifier: Apache-2.0
//
// A byte count in 16 bits: its logarithm in steps of 1/1024 octave, rounded UP, so that a
// remembered peak is never below the observed one and at most 0.068 % above it. 0 means "no data",
// which is not zero bytes. Differences of codes are logarithms of ratios: ln(a/b) = (code_a -
// code_b) ln2/1024.
//
//   EncodeUp(100 MiB) = 1 + ceil(1024 * log2(104857600)) = 27285;  Decode(27285) = 104906676
//   (+0.047 %)
//   (+0.033 %)
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "advisor/base/units.h"

namespace plimsoll::history {

using LogCode = std::uint16_t;

inline constexpr LogCode kNoData = 0;
inline constexpr int kStepsPerOctave = 1024;
inline constexpr double kLnPerStep = 0.69314718055994530942 / kStepsPerOctave;

// 2^(i/1024).
extern const std::array<double, kStepsPerOctave> kOctaveFractions;

// 0 bytes and below are stored as 1 byte.
[[nodiscard]] LogCode EncodeUp(Bytes bytes);
// Bytes as a double; 0 for kNoData, which callers must have excluded where it matters.
[[nodiscard]] inline double Decode(LogCode code) {
  if (code == kNoData) return 0;
  const unsigned steps = code - 1U;
  // 2^octave by its exponent bits: the engine decodes some 250 codes for one answer.
  const auto power =
      std::bit_cast<double>(static_cast<std::uint64_t>(steps / kStepsPerOctave + 1023) << 52);
  return power * kOctaveFractions[steps % kStepsPerOctave];
}

}  // namespace plimsoll::history
