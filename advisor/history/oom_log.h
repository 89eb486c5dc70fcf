// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of kills: for the search of a limit that holds, one record for each limit at
// which the container was killed (a crash loop at one limit is one record, however long it loops);
// for the reader, counts by hour and by kind. The same kill reported again changes nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "advisor/base/units.h"
#include "advisor/history/slots.h"
#include "advisor/model/oom_event.h"

namespace plimsoll::history {

// Limits are round numbers and are kept exactly: in pages of 4 KiB, rounded up, up to 16 TiB.
using Pages = std::uint32_t;
inline constexpr std::int64_t kPageBytes = 4096;

// A limit that was too low, and when that was last shown.
struct LimitRefuted {
  Pages pages = 0;
  Minute last = 0;
  [[nodiscard]] double Limit() const { return static_cast<double>(pages) * kPageBytes; }
  friend bool operator==(const LimitRefuted&, const LimitRefuted&) = default;
};

class OomLog {
 public:
  static constexpr std::size_t kRecords = 8;
  static constexpr std::size_t kKinds = 6;
  static constexpr int kHoursCounted = 24;

  // False when this kill is known already.
  bool Observe(const model::OomEvent& event);
  // The limit (or lacking it the peak) that this kill refutes; only kills at the container's own
  // limit refute it.
  void Refute(Bytes limit, Minute minute);
  void Merge(const OomLog& other);

  // Ascending by limit, unused ones left out.
  [[nodiscard]] std::span<const LimitRefuted> refuted() const { return {refuted_.data(), used_}; }
  // Last kill of this kind; 0: never.
  [[nodiscard]] Minute Last(model::OomKind kind) const {
    return last_by_kind_[static_cast<std::size_t>(kind)];
  }
  // Kills of every kind in the 24 hours up to `now`, saturating at 255 an hour.
  [[nodiscard]] int KillsInLastDay(Hour now) const;

  template <class Archive>
  void Visit(Archive& archive) {
    archive(used_);
    for (LimitRefuted& record : refuted_) {
      archive(record.pages);
      archive(record.last);
    }
    archive(known_ids_);
    archive(next_id_);
    archive(last_by_kind_);
    archive(count_hour_);
    archive(counts_);
  }
  // Whether decoded content can be walked safely.
  [[nodiscard]] bool Valid() const {
    return used_ <= kRecords && next_id_ < known_ids_.size() && count_hour_ >= -1 &&
           DayOf(count_hour_) <= kLastDay;
  }
  friend bool operator==(const OomLog&, const OomLog&) = default;

 private:
  void RefutePages(Pages pages, Minute minute);
  bool Remember(std::string_view id);
  void Count(Hour hour, int kills);

  std::uint8_t used_ = 0;
  std::uint8_t next_id_ = 0;
  std::array<LimitRefuted, kRecords> refuted_{};
  std::array<std::uint32_t, 8> known_ids_{};
  std::array<Minute, kKinds> last_by_kind_{};
  Hour count_hour_ = -1;
  std::array<std::uint8_t, kHoursCounted> counts_{};
};

}  // namespace plimsoll::history
