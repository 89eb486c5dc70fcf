// SPDX-License-Identifier: Apache-2.0
//
// Keeps the books of a simulated container.
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/replay/engine.h"
#include "advisor/replay/outcome.h"

namespace plimsoll::replay {

class Ledger {
 public:
  void Up(double demand, const Resources& in_force);  // one minute
  void Down();                                        // one minute
  void Kill(TimePoint time, const Resources& in_force);
  void Change(TimePoint time, const Resources& from, const Resources& to);
  // The container has run for ten minutes without a kill: the burst is over.
  void Stable(TimePoint running_since);
  [[nodiscard]] Outcome Close(double days);

 private:
  struct Burst {
    TimePoint first_kill;
    TimePoint last_kill;
  };
  Outcome outcome_;
  std::optional<Burst> burst_;
  std::optional<TimePoint> last_kill_;
  std::optional<TimePoint> last_cut_;
  Bytes limit_before_cut_{};
  int last_direction_ = 0;
};

}  // namespace plimsoll::replay
