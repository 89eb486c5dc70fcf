// SPDX-License-Identifier: Apache-2.0
//
// The hourly level of one pod's container within one lifetime, for the leak test: the lowest mean
// of the hour, or the lowest live heap after a collection where a runtime tells it. One pod stands
// for all, the oldest of those that are there at first, followed as long as it lives: averages over
// replicas of different ages hide a leak. The verdict is taken once an hour and kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"
#include "advisor/leak/leak_test.h"

namespace plimsoll::history {

enum class LevelKind : std::uint8_t { kHard, kLive };

class LevelSeries {
 public:
  static constexpr int kHours = 60;

  // `start`: of the container. Readings of its first half hour are warm-up and passed over.
  void Observe(std::uint32_t pod, Minute start, Minute minute, LevelKind kind, LogCode level);
  // Keeps the series of the longer lifetime.
  void Merge(const LevelSeries& other);

  [[nodiscard]] leak::Verdict verdict() const { return static_cast<leak::Verdict>(verdict_); }
  // Bytes a day; 0 without a verdict.
  [[nodiscard]] double slope_per_day() const { return verdict_ == 0 ? 0 : Decode(slope_); }

  template <class Archive>
  void Visit(Archive& archive) {
    archive(pod_);
    archive(start_);
    archive(head_);
    archive(filled_);
    archive(kind_);
    archive(verdict_);
    archive(slope_);
    archive(levels_);
  }
  [[nodiscard]] bool Valid() const {
    return head_ >= -1 && DayOf(head_) <= kLastDay && filled_ <= kHours && kind_ <= 1 &&
           verdict_ <= 2;
  }
  friend bool operator==(const LevelSeries&, const LevelSeries&) = default;

 private:
  [[nodiscard]] bool Follow(std::uint32_t pod, Minute start, Hour hour, LevelKind kind);
  void Begin(std::uint32_t pod, Minute start, Hour hour, LevelKind kind);
  void Judge();
  [[nodiscard]] static std::size_t Slot(Hour hour) {
    return static_cast<std::size_t>(hour % kHours);
  }

  std::uint32_t pod_ = 0;
  Minute start_ = 0;
  Hour head_ = -1;           // the hour being filled
  std::uint8_t filled_ = 0;  // hours up to and including head_, without a gap
  std::uint8_t kind_ = 0;
  std::uint8_t verdict_ = 0;
  LogCode slope_ = kNoData;
  std::array<LogCode, kHours> levels_{};
};

}  // namespace plimsoll::history
