// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/vpa_histogram.h"

#include <algorithm>
#include <cmath>

#include "advisor/replay/baselines/go_math.h"

namespace plimsoll::replay {
namespace {

constexpr double kFirstBucket = 1e7;
constexpr double kEpsilon = 0.001 * 0.1;  // a bucket lighter than this counts as empty
constexpr Duration kHalfLife = std::chrono::hours(24);
constexpr int kMaxExponent = 100;  // past 2^100 the weights are scaled down again

// Read at run time, so that ratio - 1 is 0.05000000000000004 as in VPA and not 0.05.
double Ratio() { return 1.0 + 0.05; }

double SubtractWeight(double value, double part) {
  const double rest = value - part;
  return rest < kEpsilon ? 0.0 : rest;
}

std::array<double, VpaHistogram::kBuckets> AllStarts() {
  std::array<double, VpaHistogram::kBuckets> starts{};
  for (int n = 1; n < VpaHistogram::kBuckets; ++n) {
    starts[static_cast<std::size_t>(n)] = kFirstBucket * (GoPow(Ratio(), n) - 1) / (Ratio() - 1);
  }
  return starts;
}

// The nearest whole half-life; the half rounds up, as Go's Time.Round does.
TimePoint RoundToHalfLife(TimePoint time) {
  const auto half = kHalfLife.count();
  auto count = time.time_since_epoch().count();
  auto rest = count % half;
  if (rest < 0) rest += half;
  count += rest + rest < half ? -rest : half - rest;
  return TimePoint(Duration(count));
}

double HalfLivesBetween(TimePoint from, TimePoint to) {
  // Nanoseconds, as VPA divides them: the quotient's rounding is part of the result.
  const double span = static_cast<double>((to - from).count() * 1'000'000);
  return span / static_cast<double>(kHalfLife.count() * 1'000'000);
}

}  // namespace

double VpaHistogram::BucketStart(int bucket) {
  static const auto kStarts = AllStarts();
  return kStarts[static_cast<std::size_t>(bucket)];
}

int VpaHistogram::FindBucket(double bytes) {
  if (bytes < kFirstBucket) return 0;
  const double x = bytes * (Ratio() - 1) / kFirstBucket + 1;
  const double bucket = std::log(x) / std::log(Ratio());
  return bucket >= kBuckets - 1 ? kBuckets - 1 : static_cast<int>(bucket);
}

void VpaHistogram::Add(double bytes, TimePoint time) {
  const double weight = DecayFactor(time);
  const int bucket = FindBucket(bytes);
  double& held = weight_[static_cast<std::size_t>(bucket)];
  held += weight;
  total_ += weight;
  if (held < kEpsilon) return;
  first_ = std::min(first_, bucket);
  last_ = std::max(last_, bucket);
}

void VpaHistogram::Subtract(double bytes, TimePoint time) {
  const double weight = DecayFactor(time);
  double& held = weight_[static_cast<std::size_t>(FindBucket(bytes))];
  total_ = SubtractWeight(total_, weight);
  held = SubtractWeight(held, weight);
  DropEmptyEnds();
}

void VpaHistogram::Merge(const VpaHistogram& other) {
  VpaHistogram addend = other;
  if (!addend.has_reference_) return;
  if (!has_reference_ || reference_ < addend.reference_) {
    ShiftReference(addend.reference_);
  } else if (addend.reference_ < reference_) {
    addend.ShiftReference(reference_);
  }
  for (int n = addend.first_; n <= addend.last_; ++n) {
    weight_[static_cast<std::size_t>(n)] += addend.weight_[static_cast<std::size_t>(n)];
  }
  total_ += addend.total_;
  first_ = std::min(first_, addend.first_);
  last_ = std::max(last_, addend.last_);
}

bool VpaHistogram::Empty() const { return weight_[static_cast<std::size_t>(first_)] < kEpsilon; }

double VpaHistogram::Percentile(double share) const {
  if (Empty()) return 0;
  const double threshold = share * total_;
  double sum = 0;
  int bucket = first_;
  for (; bucket < last_; ++bucket) {
    sum += weight_[static_cast<std::size_t>(bucket)];
    if (sum >= threshold) break;
  }
  return BucketStart(std::min(bucket + 1, kBuckets - 1));
}

double VpaHistogram::DecayFactor(TimePoint time) {
  if (!has_reference_ || time > reference_ + kMaxExponent * kHalfLife) ShiftReference(time);
  return GoExp2(HalfLivesBetween(reference_, time));
}

void VpaHistogram::ShiftReference(TimePoint time) {
  const TimePoint rounded = RoundToHalfLife(time);
  if (has_reference_) {
    const double exponent = std::floor(HalfLivesBetween(rounded, reference_) + 0.5);
    const double factor = std::ldexp(1.0, static_cast<int>(exponent));
    for (int n = first_; n <= last_; ++n) weight_[static_cast<std::size_t>(n)] *= factor;
    total_ *= factor;
    DropEmptyEnds();
  }
  reference_ = rounded;
  has_reference_ = true;
}

void VpaHistogram::DropEmptyEnds() {
  const auto empty = [this](int n) { return weight_[static_cast<std::size_t>(n)] < kEpsilon; };
  while (empty(first_) && first_ < kBuckets - 1) ++first_;
  while (empty(last_) && last_ > 0) --last_;
}

}  // namespace plimsoll::replay
