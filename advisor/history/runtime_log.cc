// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/runtime_log.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::history {
namespace {

constexpr Bytes kLargestPlausible(std::int64_t{8} << 40);
constexpr Minute kSilentTooLong = 15;
constexpr double kRateHalfLifeSeconds = 600;
constexpr double kCyclesToTrust = 20;

bool Plausible(const std::optional<Bytes>& bytes) {
  return bytes && *bytes >= Bytes(0) && *bytes <= kLargestPlausible;
}

// Towards `sample` by `weight`; the first sample is taken as it is.
void Blend(float& mean, double sample, double weight) {
  if (!std::isfinite(sample) || sample <= 0) return;
  mean =
      mean > 0 ? static_cast<float>(mean + (sample - mean) * weight) : static_cast<float>(sample);
}

}  // namespace

void RuntimeLog::Observe(std::uint32_t pod, const model::RuntimeStats& stats) {
  const Minute minute = MinuteOf(stats.time);
  if (minute == 0) return;
  ObserveSizes(stats);
  if (pod_ != pod && pod_ != 0 && minute <= last_minute_ + kSilentTooLong) return;
  const bool same_process = pod_ == pod && MinuteOf(stats.process_start) == process_start_ &&
                            stats.time.time_since_epoch().count() > last_ms_;
  if (same_process) FitRates(stats);
  Remember(pod, stats);
}

// Counters of one process since its last report; one that went back tells nothing.
void RuntimeLog::FitRates(const model::RuntimeStats& stats) {
  const double seconds =
      static_cast<double>(stats.time.time_since_epoch().count() - last_ms_) / 1000;
  if (stats.allocated_total) {
    const auto total =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, stats.allocated_total->count()));
    if (total >= allocated_ && allocated_ > 0) {
      Blend(allocation_rate_, static_cast<double>(total - allocated_) / seconds,
            1 - std::exp2(-seconds / kRateHalfLifeSeconds));
    }
  }
  if (!stats.gc_cycles_total || !stats.gc_cpu_seconds_total || !Plausible(stats.live)) return;
  if (*stats.gc_cycles_total <= cycles_ || !(*stats.gc_cpu_seconds_total > gc_cpu_)) return;
  const auto cycles = static_cast<double>(*stats.gc_cycles_total - cycles_);
  const double marked = Plausible(stats.scan_total)
                            ? std::max(stats.scan_total->AsDouble(), stats.live->AsDouble())
                            : stats.live->AsDouble();
  Blend(mark_speed_, marked * cycles / (*stats.gc_cpu_seconds_total - gc_cpu_),
        std::min(1.0, cycles / kCyclesToTrust));
}

void RuntimeLog::Remember(std::uint32_t pod, const model::RuntimeStats& stats) {
  const Minute start = MinuteOf(stats.process_start);
  if (pod != pod_ || start != process_start_) hard_ = kNoData;
  pod_ = pod;
  process_start_ = start;
  last_minute_ = std::max(last_minute_, MinuteOf(stats.time));
  last_ms_ = stats.time.time_since_epoch().count();
  kind_ = static_cast<std::uint8_t>(stats.kind);
  flags_ = static_cast<std::uint8_t>((stats.accepts_tuning ? kAcceptsTuning : 0) |
                                     (stats.gc_percent ? kHasGcPercent : 0));
  gc_percent_ =
      static_cast<std::int16_t>(std::clamp<std::int64_t>(stats.gc_percent.value_or(0), -1, 32767));
  soft_limit_ = Plausible(stats.soft_limit) ? stats.soft_limit->count() : 0;
  allocated_ = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, stats.allocated_total.value_or(Bytes(0)).count()));
  cycles_ = stats.gc_cycles_total.value_or(0);
  gc_cpu_ = stats.gc_cpu_seconds_total.value_or(0);
  processors_ = static_cast<float>(std::clamp(stats.processors.value_or(0), 0.0, 4096.0));
  if (Plausible(stats.scan_total) && Plausible(stats.live) && *stats.scan_total > *stats.live) {
    scanned_beyond_live_ = EncodeUp(*stats.scan_total - *stats.live);
  }
}

void RuntimeLog::ObserveSizes(const model::RuntimeStats& stats) {
  const Day day = DayOf(stats.time);
  if (Plausible(stats.live)) live_.Observe(day, EncodeUp(*stats.live));
  if (!Plausible(stats.runtime_total)) return;
  if (Plausible(stats.heap_used) && Plausible(stats.heap_free)) {
    other_.Observe(day, EncodeUp(*stats.runtime_total - *stats.heap_used - *stats.heap_free));
  }
  if (hard_ != kNoData) {
    native_.Observe(day, EncodeUp(Bytes::FromDouble(Decode(hard_)) - *stats.runtime_total));
  }
}

void RuntimeLog::Merge(const RuntimeLog& other) {
  DayMaxima<kDays> live = live_;
  DayMaxima<kDays> overhead = other_;
  DayMaxima<kDays> native = native_;
  live.Merge(other.live_);
  overhead.Merge(other.other_);
  native.Merge(other.native_);
  const auto rank = [](const RuntimeLog& log) { return std::pair(log.last_ms_, log.pod_); };
  if (rank(other) > rank(*this)) *this = other;
  live_ = live;
  other_ = overhead;
  native_ = native;
}

}  // namespace plimsoll::history
