// SPDX-License-Identifier: Apache-2.0
//
// VPA's decaying histogram of memory peaks: 176 buckets from 10 MB to 1 TB, each 5 % wider than the
// one before; a sample's weight doubles with every day that passes (which is the same as halving
// all older ones). A percentile is the *end* of its bucket: a hidden margin of up to 5 %.
// Source: VPA 1.7.1, recommender/util (peers.md §2.1); tests/oracle/vpa holds it to the byte.
#pragma once

#include <array>

#include "advisor/base/time.h"

namespace plimsoll::replay {

class VpaHistogram {
 public:
  static constexpr int kBuckets = 176;

  // Bytes where a bucket begins: 1e7 * (1.05^n - 1) / 0.05. Worked: n = 1 -> 1e7, n = 2 -> 2.05e7.
  [[nodiscard]] static double BucketStart(int bucket);
  [[nodiscard]] static int FindBucket(double bytes);

  void Add(double bytes, TimePoint time);
  // Takes back a sample that Add had taken, at the same time.
  void Subtract(double bytes, TimePoint time);
  void Merge(const VpaHistogram& other);

  [[nodiscard]] bool Empty() const;
  // 0 when empty. `share` in 0..1.
  [[nodiscard]] double Percentile(double share) const;

 private:
  [[nodiscard]] double DecayFactor(TimePoint time);
  void ShiftReference(TimePoint time);
  void DropEmptyEnds();

  std::array<double, kBuckets> weight_{};
  double total_ = 0;
  int first_ = kBuckets - 1;  // first non-empty bucket, or the last bucket
  int last_ = 0;              // last non-empty bucket, or 0
  // A whole number of half-lives since the epoch; unset: no sample has come yet.
  TimePoint reference_{};
  bool has_reference_ = false;
};

}  // namespace plimsoll::replay
