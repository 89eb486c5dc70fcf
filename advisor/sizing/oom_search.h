// SPDX-License-Identifier: Apache-2.0
//
// Where the limit goes after a kill at it, known to be too low by an unknown amount: four times as
// far. Room that is not used costs a day of it; another kill costs fifteen (lease.h). In replay
// four times brought a quarter of the repeated kills of twice, at no more slack, since the peaks
// that are observed meanwhile take over after 24 h. (The first design had 2, 2.5 and 3 times, by
// kills in a row.)
//   killed at 64 MiB (twenty times) -> 256;  killed at 256 -> 1024: an eighth of the need takes two
// Of several limits refuted the largest counts: kills at an old limit, however many, are one proof.
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
