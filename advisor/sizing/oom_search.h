// SPDX-License-Identifier: Apache-2.0
//
// Where the limit goes after a kill at it, known to be too low by an unknown amount: twice,
// then 2.5 and 3 times, so that a limit of an eighth of the need is left behind after three kills.
// A step counts only when the limit that was refuted is about the one the step before asked for:
// kills at an old limit, however many, are one proof and do not drive the number up.
//   killed at 64 MiB (twenty times) -> 128; killed at 128 -> 320; killed at 320 -> 960
// Held for 24 h after the last kill; the peaks observed meanwhile then take over.
#pragma once

#include <optional>
#include <span>

#include "advisor/history/oom_log.h"
#include "advisor/sizing/ledger.h"

namespace plimsoll::sizing {

inline constexpr history::Minute kOomFloorHeld = 24 * 60;

// Absent without a kill at the container's limit in the last 24 h.
[[nodiscard]] std::optional<double> OomFloor(std::span<const history::LimitRefuted> refuted,
                                             history::Minute now, Ledger& ledger);

// What is known of demand by kills alone: the largest limit refuted in the last 24 h.
[[nodiscard]] std::optional<double> RefutedLimit(std::span<const history::LimitRefuted> refuted,
                                                 history::Minute now);

}  // namespace plimsoll::sizing
