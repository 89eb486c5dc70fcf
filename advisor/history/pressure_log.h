// SPDX-License-Identifier: Apache-2.0
//
// How much of the current and the previous hour the container's tasks stalled for memory (pressure
// stall information, "some"), and whether it was pinned at a boundary that throttles instead of
// killing. Sums, so that the order of digests does not matter.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "advisor/base/time.h"
#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::history {

// Demand met min(memory.high, memory.max) and tasks waited: at least this much is needed.
struct Pinned {
  LogCode capacity = kNoData;
  Minute last = 0;
  friend bool operator==(const Pinned&, const Pinned&) = default;
};

class PressureLog {
 public:
  void Observe(Hour hour, Duration stalled, Duration window) {
    Slot* slot = SlotOf(hour);
    if (slot == nullptr || window.count() <= 0) return;
    Add(slot->stalled_ms, stalled.count());
    Add(slot->window_ms, window.count());
  }
  void Pin(LogCode capacity, Minute minute) {
    if (minute / 60 > pinned_.last / 60 || capacity > pinned_.capacity) pinned_.capacity = capacity;
    pinned_.last = std::max(pinned_.last, minute);
  }
  void Merge(const PressureLog& other) {
    for (const Hour hour : {other.head_ - 1, other.head_}) {
      if (hour < 0) continue;
      const Slot& from = other.slots_[static_cast<std::size_t>(hour % 2)];
      if (Slot* slot = SlotOf(hour)) {
        Add(slot->stalled_ms, from.stalled_ms);
        Add(slot->window_ms, from.window_ms);
      }
    }
    if (other.pinned_.last > pinned_.last ||
        (other.pinned_.last == pinned_.last && other.pinned_.capacity > pinned_.capacity)) {
      pinned_ = other.pinned_;
    }
  }

  // Share of the time stalled in this and the last hour; absent where pressure is not measured.
  [[nodiscard]] std::optional<double> StalledShare(Hour now) const {
    double stalled = 0;
    double window = 0;
    for (const Hour hour : {now - 1, now}) {
      if (hour < 0 || hour > head_ || hour < head_ - 1) continue;
      stalled += slots_[static_cast<std::size_t>(hour % 2)].stalled_ms;
      window += slots_[static_cast<std::size_t>(hour % 2)].window_ms;
    }
    if (window == 0) return std::nullopt;
    return stalled / window;
  }
  [[nodiscard]] const Pinned& pinned() const { return pinned_; }

  template <class Archive>
  void Visit(Archive& archive) {
    archive(head_);
    for (Slot& slot : slots_) {
      archive(slot.stalled_ms);
      archive(slot.window_ms);
    }
    archive(pinned_.capacity);
    archive(pinned_.last);
  }
  friend bool operator==(const PressureLog&, const PressureLog&) = default;

 private:
  struct Slot {
    std::uint32_t stalled_ms = 0;
    std::uint32_t window_ms = 0;
    friend bool operator==(const Slot&, const Slot&) = default;
  };
  static void Add(std::uint32_t& sum, std::int64_t more) {
    sum = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(sum + std::max<std::int64_t>(more, 0), 0, 0xFFFFFFFF));
  }
  Slot* SlotOf(Hour hour) {
    if (hour < 0 || hour < head_ - 1) return nullptr;
    if (hour > head_) {
      if (hour > head_ + 1) slots_[static_cast<std::size_t>((hour + 1) % 2)] = {};
      slots_[static_cast<std::size_t>(hour % 2)] = {};
      head_ = hour;
    }
    return &slots_[static_cast<std::size_t>(hour % 2)];
  }

  Hour head_ = -1;
  std::array<Slot, 2> slots_{};
  Pinned pinned_{};
};

}  // namespace plimsoll::history
