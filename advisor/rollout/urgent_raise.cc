// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/urgent_raise.h"

#include <algorithm>

#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {
namespace {

constexpr Ratio kNear{0.80};  // of the limit; below it nothing is urgent
// A tight limit is near all day. What does not rise by this share of it within 5 s, and is not
// about to touch it, is not on its way to a kill.
constexpr Ratio kRising{0.05};
constexpr Ratio kTouching{0.98};
constexpr Ratio kStep{1.6};         // DESIGN §5, tried on a real node at up to 333 MiB/s
constexpr Ratio kShareOfFree{0.8};  // of the node's free memory one raise may promise
constexpr double kRiseWindowSeconds = 5.0;
constexpr Bytes kLeastRaise{4LL << 20};
constexpr Duration kWindow = std::chrono::minutes(1);

Bytes DownToMiB(Bytes amount) { return Bytes(amount.count() >> 20 << 20); }

Bytes Demand(const UrgentReading& reading, const UrgentBounds& bounds) {
  Bytes demand = *reading.limit * kStep;
  if (reading.rise) {
    const double seconds = static_cast<double>(bounds.reaction.count()) / 1000.0;
    demand = std::max(demand, reading.hard + *reading.rise * Ratio(seconds / kRiseWindowSeconds));
  }
  return UpToMiB(demand);
}

}  // namespace

UrgentAnswer AnswerUrgent(const UrgentReading& reading, const UrgentBounds& bounds,
                          const UrgentHistory& history) {
  if (!reading.limit) return {.limit = std::nullopt, .reason = {"NoLimit", "there is no limit"}};
  if (reading.hard < *reading.limit * kNear) {
    return {.limit = std::nullopt, .reason = {"NotNearLimit", "below 80 % of the limit"}};
  }
  if (reading.rise && *reading.rise < *reading.limit * kRising &&
      reading.hard < *reading.limit * kTouching) {
    return {.limit = std::nullopt, .reason = {"NotNearLimit", "near the limit, but not rising"}};
  }
  if (bounds.expected && reading.hard <= *bounds.expected && *bounds.expected < *reading.limit) {
    return {.limit = std::nullopt, .reason = {"NotNearLimit", "no higher than it has been before"}};
  }
  if (bounds.leak_suspected) {
    return {.limit = std::nullopt,
            .reason = {"LeakSuspected", "a leak is not fed; the limit stays"}};
  }
  if (!bounds.node_available) {
    return {.limit = std::nullopt,
            .reason = {"TelemetryStale", "the node's free memory is not known"}};
  }
  if (reading.time - history.window_start < kWindow && history.raises >= kUrgentRaisesPerMinute) {
    return {.limit = std::nullopt,
            .reason = {"RaiseRateExceeded", "raised 8 times within a minute already"}};
  }
  Bytes limit = Demand(reading, bounds);
  recommend::Reason reason{"RaisedBeforeKill", "memory neared the limit"};
  const Bytes node_cap = DownToMiB(*reading.limit + *bounds.node_available * kShareOfFree);
  if (limit > node_cap) {
    limit = node_cap;
    reason = {"ExceedsNodeAllocatable", "the raise is bounded by the node's free memory"};
  }
  if (bounds.max_allowed && limit > *bounds.max_allowed) {
    limit = *bounds.max_allowed;
    reason = {"CappedByPolicy", "the raise is bounded by the policy's maximum"};
  }
  if (limit < *reading.limit + kLeastRaise) return {.limit = std::nullopt, .reason = reason};
  return {.limit = limit, .reason = reason};
}

UrgentHistory Counted(UrgentHistory history, TimePoint now) {
  if (now - history.window_start >= kWindow) return {.window_start = now, .raises = 1};
  ++history.raises;
  return history;
}

}  // namespace plimsoll::rollout
