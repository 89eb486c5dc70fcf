// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/oom_search.h"

#include <algorithm>

namespace plimsoll::sizing {
namespace {

constexpr double kSearchStep = 4;
// Kills are stamped by the node's clock, which may be a little ahead of ours.
constexpr history::Minute kClockSkew = 5;

bool Counts(const history::LimitRefuted& record, history::Minute now) {
  if (record.last > now) return record.last - now <= kClockSkew;
  return now - record.last <= kOomFloorHeld;
}

}  // namespace

std::optional<double> OomFloor(std::span<const history::LimitRefuted> refuted, history::Minute now,
                               Ledger& ledger) {
  const std::optional<double> refuted_limit = RefutedLimit(refuted, now);
  if (!refuted_limit) return std::nullopt;
  return ledger.Multiply("limit.oom_floor",
                         {{"limit at the OOM kill", *refuted_limit}, {"search step", kSearchStep}});
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
