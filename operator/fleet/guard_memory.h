// SPDX-License-Identifier: Apache-2.0
//
// Since when a workload can be raised before the kill. A short loss (a failover, an agent's
// restart) does not count: limits that went up and down with every restart of ours would be worse
// than a minute without the guard.
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/model/policy.h"

namespace plimsoll::fleet {

inline constexpr Duration kGuardGrace = std::chrono::seconds(60);

enum class Guardable {
  kNow,
  kAway,   // an agent's link or the lease is not there: it may be back within seconds
  kNever,  // the mode, the policy, the server or the pod forbids it
};

struct GuardMemory {
  std::optional<TimePoint> since{};  // absent: from our start on, or it is lost
  std::optional<TimePoint> lost{};   // absent: it is there

  // Takes in whether it can be raised now; gives what advice may rely on.
  model::Guard Update(Guardable guardable, TimePoint now) {
    if (guardable == Guardable::kNow) {
      if (lost && now - *lost >= kGuardGrace) since = now;
      lost.reset();
    } else if (guardable == Guardable::kNever) {
      lost = now - kGuardGrace;
    } else if (!lost) {
      lost = now;
    }
    const bool active = !lost || now - *lost < kGuardGrace;
    return {.active = active, .since = active ? since : std::nullopt};
  }
};

}  // namespace plimsoll::fleet
