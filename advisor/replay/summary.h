// SPDX-License-Identifier: Apache-2.0
//
// From the outcomes of many containers to the numbers that are published, each with its 95 %
// interval over containers.
#pragma once

#include <optional>
#include <span>

#include "advisor/replay/bootstrap.h"
#include "advisor/replay/outcome.h"

namespace plimsoll::replay {

// Means over containers; shares are 0..1.
struct Summary {
  std::size_t containers = 0;
  Interval limit_slack{};
  Interval request_slack{};
  Interval kills{};            // per 1000 container-days, as all that follow
  Interval repeat_kills{};     // within 1 h of the one before
  Interval kills_after_cut{};  // within a day after the engine lowered the limit
  Interval changes_per_day{};  // of the limit
  Interval request_changes_per_day{};
  Interval flips_per_day{};
  Interval thrash_minutes_per_day{};
  Interval over_request_share{};  // of the minutes: mean demand above the request
  // Over bursts of kills, not over containers; nothing where there was no kill to recover from.
  std::optional<Interval> recovery_minutes{};
};

[[nodiscard]] Summary Summarize(std::span<const Outcome> outcomes);

// Ours over theirs, paired by container; nothing where theirs is zero.
struct Comparison {
  std::optional<Interval> kills;
  std::optional<Interval> repeat_kills;
  std::optional<Interval> limit_slack;
  std::optional<Interval> request_slack;
};

[[nodiscard]] Comparison Compare(std::span<const Outcome> ours, std::span<const Outcome> theirs);

}  // namespace plimsoll::replay
