// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/oom_search.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace plimsoll::sizing {
namespace {

constexpr std::array<double, 3> kFactors = {2.0, 2.5, 3.0};
// A limit this far around the last step is that step, rounded or capped on its way.
constexpr double kSameStepFrom = 0.95;
constexpr double kSameStepTo = 1.25;
// Kills are stamped by the node's clock, which may be a little ahead of ours.
constexpr history::Minute kClockSkew = 5;

bool Counts(const history::LimitRefuted& record, history::Minute now) {
  if (record.last > now) return record.last - now <= kClockSkew;
  return now - record.last <= kOomFloorHeld;
}

}  // namespace

std::optional<double> OomFloor(std::span<const history::LimitRefuted> refuted, history::Minute now,
                               Ledger& ledger) {
  double floor = 0;
  double refuted_limit = 0;
  double factor = 0;
  std::size_t streak = 0;
  for (const history::LimitRefuted& record : refuted) {
    if (!Counts(record, now)) continue;
    const double limit = record.Limit();
    const bool next_step =
        floor > 0 && limit >= kSameStepFrom * floor && limit <= kSameStepTo * floor;
    streak = next_step ? std::min(streak + 1, kFactors.size() - 1) : 0;
    if (limit * kFactors[streak] <= floor) continue;
    factor = kFactors[streak];
    refuted_limit = limit;
    floor = limit * factor;
  }
  if (floor == 0) return std::nullopt;
  return ledger.Multiply("limit.oom_floor",
                         {{"limit at the OOM kill", refuted_limit}, {"search step", factor}});
}

std::optional<double> RefutedLimit(std::span<const history::LimitRefuted> refuted,
                                   history::Minute now) {
  std::optional<double> largest;
  for (const history::LimitRefuted& record : refuted) {
    if (Counts(record, now)) largest = std::max(largest.value_or(0), record.Limit());
  }
  return largest;
}

}  // namespace plimsoll::sizing
