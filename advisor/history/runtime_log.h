// SPDX-License-Identifier: Apache-2.0
//
// What a language runtime told of itself, condensed to what its model needs: sizes as the largest
// of each of the last seven days over all pods, rates fitted on one pod that is followed while it
// lives.
//   mark speed s = (L + R) * collections / GC CPU seconds;  allocation rate g = bytes / second
#pragma once

#include <cstdint>
#include <optional>

#include "advisor/history/day_maxima.h"
#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"
#include "advisor/model/runtime_stats.h"

namespace plimsoll::history {

class RuntimeLog {
 public:
  static constexpr int kDays = 7;

  void Observe(std::uint32_t pod, const model::RuntimeStats& stats);
  // Hard memory of the pod that is followed, for what lies outside the runtime.
  void ObserveHard(std::uint32_t pod, LogCode hard) {
    if (pod == pod_) hard_ = hard;
  }
  void Merge(const RuntimeLog& other);

  [[nodiscard]] model::RuntimeKind kind() const { return static_cast<model::RuntimeKind>(kind_); }
  [[nodiscard]] Minute last_minute() const { return last_minute_; }
  [[nodiscard]] bool accepts_tuning() const { return (flags_ & kAcceptsTuning) != 0; }
  [[nodiscard]] std::optional<double> gc_percent() const {
    if ((flags_ & kHasGcPercent) == 0) return std::nullopt;
    return gc_percent_;
  }
  [[nodiscard]] std::optional<double> soft_limit() const {
    if (soft_limit_ == 0) return std::nullopt;
    return static_cast<double>(soft_limit_);
  }
  // Live heap, marked memory beyond it, runtime overhead, memory outside the runtime; kNoData:
  // unknown.
  [[nodiscard]] const DayMaxima<kDays>& live() const { return live_; }
  [[nodiscard]] const DayMaxima<kDays>& other() const { return other_; }
  [[nodiscard]] const DayMaxima<kDays>& native() const { return native_; }
  [[nodiscard]] LogCode scanned_beyond_live() const { return scanned_beyond_live_; }
  // Absent until two reports of one process could be compared.
  [[nodiscard]] std::optional<double> allocation_rate() const { return Positive(allocation_rate_); }
  [[nodiscard]] std::optional<double> mark_speed() const { return Positive(mark_speed_); }
  [[nodiscard]] double processors() const { return processors_; }

  template <class Archive>
  void Visit(Archive& archive) {
    archive(kind_);
    archive(flags_);
    archive(gc_percent_);
    archive(pod_);
    archive(process_start_);
    archive(last_minute_);
    archive(last_ms_);
    archive(allocated_);
    archive(cycles_);
    archive(gc_cpu_);
    archive(soft_limit_);
    archive(allocation_rate_);
    archive(mark_speed_);
    archive(processors_);
    archive(scanned_beyond_live_);
    archive(hard_);
    live_.Visit(archive);
    other_.Visit(archive);
    native_.Visit(archive);
  }
  [[nodiscard]] bool Valid() const {
    return kind_ <= 6 && live_.Valid() && other_.Valid() && native_.Valid();
  }
  friend bool operator==(const RuntimeLog&, const RuntimeLog&) = default;

 private:
  static constexpr std::uint8_t kAcceptsTuning = 1;
  static constexpr std::uint8_t kHasGcPercent = 2;

  [[nodiscard]] static std::optional<double> Positive(float value) {
    if (!(value > 0)) return std::nullopt;
    return static_cast<double>(value);
  }
  void Remember(std::uint32_t pod, const model::RuntimeStats& stats);
  void FitRates(const model::RuntimeStats& stats);
  void ObserveSizes(const model::RuntimeStats& stats);

  std::uint8_t kind_ = 0;
  std::uint8_t flags_ = 0;
  std::int16_t gc_percent_ = 0;
  std::uint32_t pod_ = 0;  // followed; 0: none
  Minute process_start_ = 0;
  Minute last_minute_ = 0;
  std::int64_t last_ms_ = 0;
  std::uint64_t allocated_ = 0;
  std::uint64_t cycles_ = 0;
  double gc_cpu_ = 0;
  std::int64_t soft_limit_ = 0;  // 0: none
  float allocation_rate_ = 0;    // bytes a second; 0: unknown
  float mark_speed_ = 0;         // bytes a GC CPU second; 0: unknown
  float processors_ = 0;
  LogCode scanned_beyond_live_ = kNoData;
  LogCode hard_ = kNoData;
  DayMaxima<kDays> live_;
  DayMaxima<kDays> other_;
  DayMaxima<kDays> native_;
};

}  // namespace plimsoll::history
