// SPDX-License-Identifier: Apache-2.0
//
// What one agent has told and was not acknowledged yet: a report is, when the fleet has stored all
// up to the number of its intake. Bounded: while nothing can be stored, what is due is known more
// coarsely, never too early.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

namespace plimsoll::agents {

class AckLedger {
 public:
  // Reports apart; two hours of thirty containers' digests.
  static constexpr std::size_t kMost = 16384;

  // Cursors rise, and so do intakes.
  void Add(std::uint64_t cursor, std::uint64_t intake);
  // What the report at `cursor` told was taken in late: it and what follows wait for `intake`.
  void Delay(std::uint64_t cursor, std::uint64_t intake);
  // The highest cursor below `barrier` that can be acknowledged when all up to `stored` is stored,
  // and is not asked for again; 0: none.
  [[nodiscard]] std::uint64_t TakeDue(std::uint64_t stored, std::uint64_t barrier);
  [[nodiscard]] std::size_t size() const { return reports_.size(); }

 private:
  struct Report {
    std::uint64_t cursor = 0;
    std::uint64_t intake = 0;
  };
  std::deque<Report> reports_;
};

}  // namespace plimsoll::agents
