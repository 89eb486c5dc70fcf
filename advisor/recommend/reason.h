// SPDX-License-Identifier: Apache-2.0
//
// Why a number is what it is, as stable codes. A code never changes its meaning; docs explain each.
#pragma once

#include <cstdint>
#include <string_view>

namespace plimsoll::recommend {

enum class ReasonCode : std::uint8_t {
  kNoData,               // nothing was observed yet: no number
  kColdStart,            // fewer than two complete days: half as much again as the highest peak
  kHeldPeak,             // a past spike is held, its price justifies it
  kTrend,                // steady growth over days: tomorrow's level is prepared for
  kStartupPeak,          // start-up needs more than running
  kEmergencyRaise,       // today's peak outdoes the one that was held, and may go on doing so
  kOomFloor,             // killed at the limit: searching upwards
  kStarvedAtBoundary,    // throttled at memory.high or stalled at the limit, without a kill
  kCacheNeeded,          // file cache that is read again and again counts as needed
  kSwapCounted,          // swap holds part of the demand
  kNodeOom,              // the node ran out: the request goes up, the limit does not
  kEvicted,              // the kubelet evicted the pod: the request goes up
  kPodSliceOom,          // the pod's own limit was hit: raising the container does nothing
  kRuntimeOom,           // the runtime's own heap limit was hit
  kLeakSuspected,        // grows without end: growth is not followed without bound
  kLeakConfirmed,        // the same, over two days and more
  kSkewedReplicas,       // one replica needs far more than the others
  kUnobservedPeaks,      // killed far above every sample: peaks fall between the readings
  kReleaseChange,        // the level fell and stayed: peaks before are scaled to it
  kDrifted,              // the last days look unlike those before
  kBatchRuns,            // sized by the peak of whole runs
  kGuarded,              // a raise is in force within seconds: room only for that long
  kGuardSettling,        // the guard is back too recently to rely on
  kRuntimeModel,         // sized from the runtime's live heap and garbage, not from usage
  kRunwayShort,          // too little room above the live heap for the collector
  kObservationTooShort,  // not observed for the minimum time: no shrinking yet
  kTelemetryStale,       // the last reading is old: no shrinking
  kPressureOn,           // tasks wait for memory: no shrinking
  kRecentOom,            // killed in the last 24 h: no shrinking
  kRaisedToPolicyMinimum,
  kCappedByPolicyMaximum,
  kRaisedToLimitRangeMinimum,
  kCappedByLimitRangeMaximum,
  kLimitRangeRatio,  // the request goes up to keep limit / request within the LimitRange
  kExceedsNodeAllocatable,
  kQuotaExceeded,
  kKeptGuaranteed,  // request = limit: the pod's class of service stays
  kNotControlled,   // the policy leaves this number alone
  kKeptPrevious,    // the change is too small to be worth one
  kCount,
};

// The code as users see it: "OomFloor".
[[nodiscard]] std::string_view Name(ReasonCode code);
// One sentence of what it means and what follows.
[[nodiscard]] std::string_view Meaning(ReasonCode code);

// A set of reasons.
class ReasonSet {
 public:
  void Add(ReasonCode code) { bits_ |= Bit(code); }
  void Remove(ReasonCode code) { bits_ &= ~Bit(code); }
  [[nodiscard]] bool Has(ReasonCode code) const { return (bits_ & Bit(code)) != 0; }
  friend bool operator==(ReasonSet, ReasonSet) = default;

 private:
  static std::uint64_t Bit(ReasonCode code) {
    return std::uint64_t{1} << static_cast<unsigned>(code);
  }
  std::uint64_t bits_ = 0;
};
static_assert(static_cast<unsigned>(ReasonCode::kCount) <= 64);

}  // namespace plimsoll::recommend
