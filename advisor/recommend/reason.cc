// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/reason.h"

#include <array>
#include <cstddef>

namespace plimsoll::recommend {
namespace {

struct Text {
  std::string_view name;
  std::string_view meaning;
};

// In the order of the enumeration.
constexpr std::array<Text, static_cast<std::size_t>(ReasonCode::kCount)> kTexts = {{
    {"NoData", "nothing was observed yet, so there is no number"},
    {"ColdStart", "fewer than two complete days are known: half as much again as the highest peak"},
    {"HeldPeak",
     "a past spike is held: meeting it again unprepared would cost more than holding it"},
    {"Trend", "demand grew steadily over the last days: room for one more day of it"},
    {"StartupPeak",
     "starting up takes more than running: room for the highest of the last three starts"},
    {"EmergencyRaise",
     "today's peak is above what was expected: at once room for it with the usual margin, and for "
     "as far again as it outdid the held peak and half as far once more, at most a quarter"},
    {"OomFloor", "killed at its limit in the last 24 h: searching upwards from there"},
    {"StarvedAtBoundary",
     "held back at its limit without a kill, and tasks waited for memory: half as much again"},
    {"CacheNeeded", "file cache is needed for its speed and counts as demand"},
    {"SwapCounted", "part of the demand lies in swap and is counted"},
    {"NodeOom",
     "killed because the node ran out of memory: the request goes up, the limit is not at fault"},
    {"Evicted",
     "evicted under the node's memory pressure: the request goes up, the limit is not at fault"},
    {"PodSliceOom",
     "the pod's own limit was hit: raising the container does nothing; auto-patch heals it, "
     "without it recreate the pod once"},
    {"RuntimeOom", "the runtime's own heap limit was hit: raise the heap limit first"},
    {"LeakSuspected",
     "demand grows without end within one lifetime: growth is bounded and nothing shrinks"},
    {"LeakConfirmed",
     "demand has grown for days within one lifetime: restart it regularly and find the leak"},
    {"SkewedReplicas",
     "one replica needs more than 1.5 times the others' median: all are sized for it"},
    {"UnobservedPeaks", "killed far above every sample: peaks fall between the readings"},
    {"ReleaseChange", "the level fell and stayed: older peaks are scaled to the new one"},
    {"Drifted", "the hours of the last days look unlike those before: the past is a poorer guide"},
    {"BatchRuns",
     "the request is the middle of its last runs' peaks; the limit is held by days too"},
    {"Guarded", "a raise is in force within seconds: recent peaks plus the largest rise meanwhile"},
    {"GuardSettling", "the guard is back for less than ten minutes: the unguarded limit stays"},
    {"RuntimeModel",
     "sized from the live heap and the garbage worth keeping, not from what it happens to hold"},
    {"RunwayShort", "less room above the live heap than half of it: the collector would thrash"},
    {"ObservationTooShort", "observed for less than the minimum time: nothing shrinks yet"},
    {"TelemetryStale", "no reading in the last 15 minutes: nothing shrinks"},
    {"PressureOn", "tasks wait for memory: nothing shrinks"},
    {"RecentOom", "killed in the last 24 h: nothing shrinks"},
    {"RaisedToPolicyMinimum", "raised to the policy's minAllowed"},
    {"CappedByPolicyMaximum", "held down by the policy's maxAllowed"},
    {"RaisedToLimitRangeMinimum", "raised to the namespace's LimitRange minimum"},
    {"CappedByLimitRangeMaximum", "held down by the namespace's LimitRange maximum"},
    {"LimitRangeRatio", "the request goes up to keep within the LimitRange's maxLimitRequestRatio"},
    {"ExceedsNodeAllocatable", "needs more than the largest node can give"},
    {"QuotaExceeded", "held down by what the namespace's ResourceQuota still allows"},
    {"KeptGuaranteed", "request and limit stay equal to keep the Guaranteed class"},
    {"NotControlled", "the policy leaves this number to the user"},
    {"KeptPrevious", "the change is too small to be worth one"},
}};

}  // namespace

std::string_view Name(ReasonCode code) { return kTexts[static_cast<std::size_t>(code)].name; }
std::string_view Meaning(ReasonCode code) { return kTexts[static_cast<std::size_t>(code)].meaning; }

}  // namespace plimsoll::recommend
