// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/closed_windows.h"

#include <fmt/format.h>

#include "operator/api/time_zone.h"

namespace plimsoll::autopatch {

std::optional<rollout::Closed> ClosedNow(const std::vector<api::PatchWindow>& windows,
                                         TimePoint now) {
  if (windows.empty()) return std::nullopt;
  // A policy of unknown zones is not put in force; were its files lost since, nothing opens.
  rollout::Closed closed{.message =
                             "memory is taken away only in the policy's windows, and the "
                             "files of their time zones cannot be read",
                         .opens_in = std::chrono::days(7)};
  for (const api::PatchWindow& window : windows) {
    const std::optional<rollout::WeekTime> shown = api::WeekTimeIn(window.time_zone, now);
    if (!shown) continue;
    if (rollout::IsOpen(window.hours, *shown)) return std::nullopt;
    const std::chrono::minutes wait = rollout::UntilOpening(window.hours, *shown);
    if (wait >= closed.opens_in) continue;
    const rollout::WeekTime opening = (*shown + wait) % std::chrono::days(7);
    closed = {.message = fmt::format("memory is taken away only in the policy's windows; the next "
                                     "opens {} {}",
                                     api::FormatWeekTime(opening),
                                     window.time_zone.empty() ? "UTC" : window.time_zone),
              .opens_in = wait};
  }
  return closed;
}

}  // namespace plimsoll::autopatch
