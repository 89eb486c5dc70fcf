// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/urgent_raise.h"

#include <algorithm>
#include <string>

#include "advisor/rollout/wish.h"

namespace plimsoll::rollout {
namespace {

constexpr Ratio kNear{0.80};  // of the limit; below it nothing is urgent
// A tight limit is near all day. What would not reach it within twice the 5 s that its rise was
// measured in, and is not about to touch it, is not on its way to a kill. Where nobody knows the
// need yet, what would reach it before the next digest is: within 15 s.
constexpr Ratio kForesight{2};
constexpr Ratio kForesightOfUnknown{3};
constexpr Ratio kTouching{0.98};
constexpr Ratio kStep{1.6};         // DESIGN §5, tried on a real node at up to 333 MiB/s
constexpr Ratio kLeast{1.48};       // times what it holds: below 1.5 times the need, rounded up
constexpr Ratio kShareOfFree{0.8};  // of the node's free memory one raise may promise
constexpr double kRiseWindowSeconds = 5.0;
constexpr double kSteadySeconds = 2.5;   // half of that window at the present rate
constexpr double kReadingSeconds = 1.0;  // until the next urgent reading, at the latest
// The next reading at 10 Hz, and 0.1 s from a patch to the kernel, doubled for a busy node.
constexpr double kNextLookSeconds = 0.4;
// A kubelet that has just looked at a pod looks again a second later: a raise that comes sooner may
// wait for that, and the next one shall not be due before.
constexpr double kNextRaiseSeconds = 1.0;
constexpr Bytes kLeastRaise{4LL << 20};
constexpr Duration kWindow = std::chrono::minutes(1);

Bytes DownToMiB(Bytes amount) { return Bytes(amount.count() >> 20 << 20); }

// Bytes a second, where it has grown at about that rate for some seconds: 16 MiB/s now and 48 MiB
// within 5 s. What has only begun to grow may be at its slowest yet. At the limit the rate is what
// reclaim lets through, not what the program wants.
std::optional<double> SteadyRate(const UrgentReading& reading) {
  if (!reading.rate || !reading.rise || reading.hard >= *reading.limit * kTouching) return {};
  const double rise = reading.rise->AsDouble();
  if (rise < reading.rate->value() * kSteadySeconds) return {};
  return std::max(reading.rate->value(), rise / kRiseWindowSeconds);
}

// At 240 MiB of 256, having risen by 5 MiB within 5 s: 250 in 10 s, not on its way; by 8: 256.
bool OnItsWay(const UrgentReading& reading, const UrgentBounds& bounds) {
  const Ratio foresight = bounds.expected ? kForesight : kForesightOfUnknown;
  return reading.hard + *reading.rise * foresight >= *reading.limit;
}

Bytes Ahead(const UrgentReading& reading, double rate, double seconds) {
  return reading.hard + Bytes::FromDouble(rate * seconds);
}

// At 205 MiB of 256 and 250 MiB/s: 305 before a raise that the next reading asks for is in force.
bool TooFastToWait(const UrgentReading& reading) {
  if (!reading.rate) return false;
  return Ahead(reading, reading.rate->value(), kNextLookSeconds) >= *reading.limit;
}

// Of a container whose need nobody knows yet.
Bytes Search(const UrgentReading& reading, const UrgentBounds& bounds, double seconds) {
  const Bytes most = *reading.limit * kStep;
  const Bytes least = std::min(reading.hard * kLeast, most);
  if (reading.rise && !OnItsWay(reading, bounds)) return least;  // it crept to its limit
  const auto rate = SteadyRate(reading);
  if (!rate) return most;
  // Time for this raise, for the reading that asks for the next, and for that one.
  const double until_next = 2 * seconds + kReadingSeconds;
  const Bytes wanted = std::max(Ahead(reading, *rate, seconds) * Ratio(1 / kNear.value()),
                                Ahead(reading, *rate, until_next));
  return std::clamp(wanted, least, most);
}

Bytes Demand(const UrgentReading& reading, const UrgentBounds& bounds) {
  const double seconds = static_cast<double>(bounds.reaction.count()) / 1000.0;
  Bytes demand = bounds.expected ? *reading.limit * kStep : Search(reading, bounds, seconds);
  if (reading.rate) {
    const Bytes later = Ahead(reading, reading.rate->value(), kNextRaiseSeconds);
    demand = std::max(demand, later * Ratio(1 / kNear.value()));
  }
  if (reading.rise) {
    demand = std::max(demand, reading.hard + *reading.rise * Ratio(seconds / kRiseWindowSeconds));
  }
  return UpToMiB(demand);
}

// A clock that was set back begins a new one.
bool InWindow(const UrgentHistory& history, TimePoint now) {
  return now >= history.window_start && now - history.window_start < kWindow;
}

}  // namespace

UrgentAnswer AnswerUrgent(const UrgentReading& reading, const UrgentBounds& bounds,
                          const UrgentHistory& history) {
  if (!reading.limit) return {.limit = std::nullopt, .reason = {"NoLimit", "there is no limit"}};
  if (reading.hard < *reading.limit * kNear) {
    return {.limit = std::nullopt, .reason = {"NotNearLimit", "below 80 % of the limit"}};
  }
  if (reading.rise && !OnItsWay(reading, bounds) && reading.hard < *reading.limit * kTouching) {
    return {.limit = std::nullopt, .reason = {"NotNearLimit", "near the limit, but not rising"}};
  }
  if (bounds.expected && reading.hard <= *bounds.expected && *bounds.expected < *reading.limit &&
      !TooFastToWait(reading)) {
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
  if (InWindow(history, reading.time) && history.raises >= kUrgentRaisesPerMinute) {
    return {.limit = std::nullopt,
            .reason = {"RaiseRateExceeded", "raised " + std::to_string(kUrgentRaisesPerMinute) +
                                                " times within a minute already"}};
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
  if (!InWindow(history, now)) return {.window_start = now, .raises = 1};
  ++history.raises;
  return history;
}

}  // namespace plimsoll::rollout
