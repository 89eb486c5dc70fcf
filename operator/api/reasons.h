// SPDX-License-Identifier: Apache-2.0
//
// Every condition type, condition reason and event reason that Plimsoll writes. They are an
// interface: alerts and scripts match them, so a code is never renamed and never reused.
#pragma once

#include <string_view>

namespace plimsoll::api {

// Condition types. Ready sums up the others of its object.
namespace condition {
inline constexpr std::string_view kReady = "Ready";
// MemoryRecommendation
inline constexpr std::string_view kTargetResolved = "TargetResolved";
inline constexpr std::string_view kTelemetryHealthy = "TelemetryHealthy";
inline constexpr std::string_view kRecommendationProvided = "RecommendationProvided";
inline constexpr std::string_view kApplied = "Applied";
// Whether a raise can reach the kernel before the kill (DESIGN: the guard).
inline constexpr std::string_view kGuarded = "Guarded";
// MemoryPolicy
inline constexpr std::string_view kAccepted = "Accepted";
}  // namespace condition

// Reasons of conditions, by the condition they belong to.
namespace reason {
// Any condition, before the first look.
inline constexpr std::string_view kPending = "Pending";

// Ready
inline constexpr std::string_view kRecommendationCurrent = "RecommendationCurrent";

// TargetResolved
inline constexpr std::string_view kFound = "Found";
inline constexpr std::string_view kTargetNotFound = "TargetNotFound";
inline constexpr std::string_view kNoPods = "NoPods";

// TelemetryHealthy
inline constexpr std::string_view kAllPodsReporting = "AllPodsReporting";
inline constexpr std::string_view kSomePodsSilent = "SomePodsSilent";
inline constexpr std::string_view kNoAgent = "NoAgent";
inline constexpr std::string_view kTelemetryStale = "TelemetryStale";
inline constexpr std::string_view kAgentVersionSkew = "AgentVersionSkew";
inline constexpr std::string_view kAgentUntrusted = "AgentUntrusted";

// RecommendationProvided
inline constexpr std::string_view kEnoughData = "EnoughData";
inline constexpr std::string_view kInsufficientData = "InsufficientData";
inline constexpr std::string_view kExcluded = "Excluded";

// Guarded
inline constexpr std::string_view kGuardActive = "GuardActive";
inline constexpr std::string_view kGuardInactive = "GuardInactive";

// Applied=True
inline constexpr std::string_view kAllPodsAtTarget = "AllPodsAtTarget";
// Applied=False: the closed list of why not (yet).
inline constexpr std::string_view kModeOff = "ModeOff";
inline constexpr std::string_view kModeRecommend = "ModeRecommend";
inline constexpr std::string_view kBelowMinChange = "BelowMinChange";
inline constexpr std::string_view kWaitingForCooldown = "WaitingForCooldown";
inline constexpr std::string_view kWaitingForUsage = "WaitingForUsage";
inline constexpr std::string_view kHpaOnMemory = "HPAOnMemory";
inline constexpr std::string_view kVpaOwned = "VPAOwned";
inline constexpr std::string_view kQuotaExceeded = "QuotaExceeded";
inline constexpr std::string_view kLimitRangeConflict = "LimitRangeConflict";
inline constexpr std::string_view kExceedsNodeAllocatable = "ExceedsNodeAllocatable";
inline constexpr std::string_view kSettingOwnedByUser = "SettingOwnedByUser";
inline constexpr std::string_view kRolloutInProgress = "RolloutInProgress";
inline constexpr std::string_view kResizeInProgress = "ResizeInProgress";
inline constexpr std::string_view kResizeDeferred = "ResizeDeferred";
inline constexpr std::string_view kResizeInfeasible = "ResizeInfeasible";
inline constexpr std::string_view kResizeUnsupported = "ResizeUnsupported";
inline constexpr std::string_view kPodCgroupStale = "PodCgroupStale";
inline constexpr std::string_view kRolledBack = "RolledBack";
inline constexpr std::string_view kCeilingReached = "CeilingReached";
inline constexpr std::string_view kUnknownModeLabel = "UnknownModeLabel";
inline constexpr std::string_view kPolicyNotFound = "PolicyNotFound";
inline constexpr std::string_view kPolicyInvalid = "PolicyInvalid";
inline constexpr std::string_view kNotPermitted = "NotPermitted";
// In place on running pods only: the template still has the old numbers.
inline constexpr std::string_view kTemplateUnchanged = "TemplateUnchanged";

// Accepted (MemoryPolicy)
inline constexpr std::string_view kValid = "Valid";
inline constexpr std::string_view kNoWorkloadMatched = "NoWorkloadMatched";
inline constexpr std::string_view kConflicted = "Conflicted";
inline constexpr std::string_view kInvalid = "Invalid";
}  // namespace reason

// Reasons of events.
namespace event {
inline constexpr std::string_view kRecommendationChanged = "RecommendationChanged";
inline constexpr std::string_view kOomKillObserved = "OOMKillObserved";
inline constexpr std::string_view kRaised = "Raised";
inline constexpr std::string_view kPatched = "Patched";
inline constexpr std::string_view kPatchSkipped = "PatchSkipped";
inline constexpr std::string_view kPatchFailed = "PatchFailed";
inline constexpr std::string_view kPatchRolledBack = "PatchRolledBack";
inline constexpr std::string_view kRuntimeTuned = "RuntimeTuned";
inline constexpr std::string_view kAllocatorStatsLost = "AllocatorStatsLost";
inline constexpr std::string_view kPolicyConflicted = "PolicyConflicted";
inline constexpr std::string_view kPolicyInvalid = "PolicyInvalid";
inline constexpr std::string_view kSettingMistaken = "SettingMistaken";
inline constexpr std::string_view kCertificateRotated = "CertificateRotated";
}  // namespace event

}  // namespace plimsoll::api
