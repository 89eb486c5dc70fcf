// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/start_log.h"

#include <algorithm>

namespace plimsoll::history {
namespace {

constexpr Minute kMinutesPerSlot = 10;
constexpr Minute kOftenWithin = 3 * 24 * 60;

// Whether the start in this slot was the restart after the kill, or the run that was killed at
// once.
bool Touches(std::uint32_t slot, Minute kill) {
  const Minute first = slot * kMinutesPerSlot;
  return first <= kill + kRestartWindow && first + kMinutesPerSlot > kill;
}

void Raise(StartRecord& record, LogCode start_peak, LogCode run_peak) {
  // kAfterKill is the largest code, so that a mark once set stays.
  record.start_peak = std::max(record.start_peak, start_peak);
  record.run_peak = std::max(record.run_peak, run_peak);
}

}  // namespace

// Newest first; null when older than all that are kept.
StartRecord* StartLog::Place(std::uint32_t slot) {
  const auto place = std::ranges::lower_bound(starts_, slot, std::greater<>(), &StartRecord::slot);
  if (place == starts_.end()) return nullptr;
  if (place->slot != slot) {
    std::move_backward(place, starts_.end() - 1, starts_.end());
    *place = {.slot = slot};
  }
  return &*place;
}

bool StartLog::Observe(TimePoint start, bool in_start_phase, LogCode peak,
                       std::span<const LimitRefuted> refuted) {
  const std::uint32_t slot = MinuteOf(start) / kMinutesPerSlot;
  if (slot == 0) return false;  // start unknown
  StartRecord* record = Place(slot);
  if (record == nullptr) return false;
  if (std::ranges::any_of(refuted, [&](const auto& kill) { return Touches(slot, kill.last); })) {
    record->start_peak = StartRecord::kAfterKill;
  }
  Raise(*record, in_start_phase ? peak : kNoData, peak);
  return record->start_peak != StartRecord::kAfterKill;
}

void StartLog::MarkKill(Minute kill) {
  for (StartRecord& start : starts_) {
    if (start.slot != 0 && Touches(start.slot, kill)) start.start_peak = StartRecord::kAfterKill;
  }
}

bool StartLog::Often(Minute now) const {
  const StartRecord& third = starts_[2];
  return third.slot != 0 && third.FirstMinute() + kOftenWithin >= now;
}

std::array<StartRecord, StartLog::kCounted> StartLog::Counted() const {
  std::array<StartRecord, kCounted> counted{};
  std::size_t count = 0;
  for (const StartRecord& start : starts_) {
    if (count == kCounted) break;
    if (start.Clean()) counted[count++] = start;
  }
  return counted;
}

bool StartLog::CountedWithinDays(Minute now) const {
  const StartRecord third = Counted().back();
  return third.slot != 0 && third.FirstMinute() + kOftenWithin >= now;
}

bool StartLog::Passed(const StartRecord& start) const {
  if (start.slot == 0) return false;
  const auto same = std::ranges::find(starts_, start.slot, &StartRecord::slot);
  if (same == starts_.end()) return true;
  return same->Clean() && Counted().back().slot > start.slot;
}

void StartLog::Merge(const StartLog& other) {
  for (const StartRecord& start : other.starts_) {
    if (start.slot == 0) continue;
    if (StartRecord* record = Place(start.slot)) Raise(*record, start.start_peak, start.run_peak);
  }
}

}  // namespace plimsoll::history
