// SPDX-License-Identifier: Apache-2.0
//
// When a container is looked at more often, and when a reading must not wait for its window
// (DESIGN §5, "raise before the kill"). Pure.
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "operator/agent/cgroup/reading.h"

namespace plimsoll::agent {

// Hard memory from this share of the limit on is urgent.
inline constexpr Ratio kUrgentShare(0.8);
// Usage from this share on is looked at ten times a second: early enough to know how fast it grows
// by the time it gets urgent.
inline constexpr Ratio kNearShare(0.6);
// The fastest growth that is reckoned with when nothing wakes us at the mark. A 256 MiB container
// is then always near; one of 8 GiB at 2 GiB is looked at once a second (4.8 - 2 GiB take 2.8 s).
inline constexpr BytesPerSecond kFastestRise(1024.0 * 1024 * 1024);
// A limit that will be reached within this at the present rate is urgent, whatever the share: the
// round trip to a new limit takes 0.2 to 0.4 s.
inline constexpr Duration kForesight(500);

// At 200 MiB of a limit of 256 (78 %) growing by 120 MiB/s: 200 + 120 * 0.5 = 260, urgent.
[[nodiscard]] bool IsUrgent(const MemoryReading& reading, std::optional<BytesPerSecond> rate);

// `woken`: the kernel tells us when usage crosses the mark, so that below it once a second will do.
[[nodiscard]] bool IsNear(const MemoryReading& reading, bool woken);

}  // namespace plimsoll::agent
