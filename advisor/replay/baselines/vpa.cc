// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/vpa.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::replay {
namespace {

using namespace literals;

constexpr Duration kWindow = std::chrono::hours(24);
constexpr double kMargin = 0.15;
constexpr double kMaxAmount = 1e14;

// VPA's amounts are whole bytes, cut towards zero and clamped to 0..1e14. Infinity (no confidence
// yet) clamps to the maximum; NaN (zero times infinity) becomes 0 here.
Bytes Amount(double bytes) {
  if (bytes > kMaxAmount) return Bytes(static_cast<std::int64_t>(kMaxAmount));
  if (!(bytes > 0)) return Bytes(0);
  return Bytes(static_cast<std::int64_t>(bytes));
}

Bytes Scale(Bytes amount, double factor) { return Amount(amount.AsDouble() * factor); }

}  // namespace

void VpaAggregate::CountSample(TimePoint time) {
  if (!first_sample_ || time < *first_sample_) first_sample_ = time;
  last_sample_ = std::max(last_sample_, time);
  ++samples_;
}

void VpaAggregate::Merge(const VpaAggregate& other) {
  peaks_.Merge(other.peaks_);
  if (!other.first_sample_) return;
  if (!first_sample_ || *other.first_sample_ < *first_sample_) first_sample_ = other.first_sample_;
  last_sample_ = std::max(last_sample_, other.last_sample_);
  samples_ += other.samples_;
}

double VpaAggregate::Confidence() const {
  if (!first_sample_) return 0;
  const double span = static_cast<double>((last_sample_ - *first_sample_).count() * 1'000'000);
  const double days = span / static_cast<double>(kWindow.count() * 1'000'000);
  return std::min(days, static_cast<double>(samples_) / 1440.0);
}

VpaRecommendation VpaAggregate::Recommend(Bytes floor) const {
  const auto with_margin = [this](double share) {
    const Bytes base = Amount(peaks_.Percentile(share));
    return base + Scale(base, kMargin);
  };
  const double confidence = Confidence();
  const double shrink = 1. + 0.001 / confidence;
  VpaRecommendation result;
  result.target = with_margin(0.9);
  result.lower = Scale(with_margin(0.5), 1.0 / (shrink * shrink));
  result.upper = Scale(with_margin(0.95), 1. + 1.0 / confidence);
  result.target = std::max(result.target, floor);
  result.lower = std::max(result.lower, floor);
  result.upper = std::max(result.upper, floor);
  return result;
}

bool VpaContainer::AddUsage(VpaAggregate& aggregate, TimePoint time, Bytes working_set) {
  if (!last_poll_ || time > *last_poll_) {
    aggregate.CountSample(time);
    last_poll_ = time;
  }
  return AddPeak(aggregate, time, working_set, false);
}

bool VpaContainer::AddOom(VpaAggregate& aggregate, TimePoint time, Bytes request) {
  if (window_end_ && time < *window_end_ - kWindow) return false;
  // The OOM peak is left out on purpose: kill upon kill must not compound.
  const Bytes used = std::max(request, memory_peak_);
  return AddPeak(aggregate, time, std::max(used + 100_MiB, Scale(used, 1.2)), true);
}

bool VpaContainer::AddPeak(VpaAggregate& aggregate, TimePoint time, Bytes bytes, bool oom) {
  if (bytes < 0_B || (!oom && last_memory_ && time < *last_memory_)) return false;
  last_memory_ = time;
  if (!window_end_) window_end_ = time;

  if (time < *window_end_) {
    const Bytes old = std::max(memory_peak_, oom_peak_);
    if (old == 0_B || bytes <= old) return true;
    aggregate.peaks().Subtract(old.AsDouble(), *window_end_);
  } else {
    *window_end_ += (time - *window_end_) / kWindow * kWindow + kWindow;
    memory_peak_ = oom_peak_ = 0_B;
  }
  aggregate.peaks().Add(bytes.AsDouble(), *window_end_);
  (oom ? oom_peak_ : memory_peak_) = bytes;
  return true;
}

bool VpaShouldUpdate(const VpaRecommendation& recommendation, const VpaPod& pod) {
  if (!pod.request) return true;
  // In thousandths, as VPA holds quantities: the quotient's rounding decides at exactly 10 %.
  const auto milli = [](Bytes bytes) { return static_cast<double>(bytes.count() * 1000); };
  const double request = std::max(milli(*pod.request), 1.0);
  const double difference = std::abs(request - milli(recommendation.target)) / request;
  if (pod.quick_oom && difference == 0) return false;
  if (*pod.request < recommendation.lower || *pod.request > recommendation.upper) return true;
  if (pod.quick_oom) return true;
  return pod.age >= std::chrono::hours(12) && difference >= 0.1;
}

Bytes VpaFloor(int containers) { return Scale(250_MiB, 1.0 / containers); }

}  // namespace plimsoll::replay
