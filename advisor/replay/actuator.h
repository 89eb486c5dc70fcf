// SPDX-License-Identifier: Apache-2.0
//
// From advice to what is put in force, with as few changes as the advice allows: a raise goes far
// enough to be the last of its rise, and nothing is cut until a day has passed without a raise.
//   guarded, limit 300, advice 320, unguarded advice 500 -> 500, once
//   limit 300, advice 310, raised two minutes ago         -> 420
//   unguarded, limit 300, advice 200                     -> 255, six hours later 217, then 200
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/replay/engine.h"

namespace plimsoll::replay {

struct Wish {
  Resources wanted{};
  bool may_shrink = false;
  // What the limit would be without the guard; absent: the advice is unguarded.
  std::optional<Bytes> unguarded_limit{};
};

class Actuator {
 public:
  // What to put in force instead of `now`; nothing: leave it.
  [[nodiscard]] std::optional<Resources> Next(const Resources& now, const Wish& wish,
                                              TimePoint time);

 private:
  std::optional<TimePoint> last_raise_;
  std::optional<TimePoint> last_cut_;
  std::optional<TimePoint> last_request_;
};

}  // namespace plimsoll::replay
