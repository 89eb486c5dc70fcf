// SPDX-License-Identifier: Apache-2.0
//
// Every condition type, condition reason and event reason that Plimsoll writes. They are an
// interface: alerts and scripts match them, so a code is never renamed and never reused.
//
// The comment above a code is what docs/reference shows of it: what it means and, after "To do:",
// the remedy; of an event its type first.
#pragma once

#include <string_view>

namespace plimsoll::api {

// Condition types.
namespace condition {
// Sums up what the numbers stand on: TargetResolved, RecommendationProvided, TelemetryHealthy; of a
// MemoryPolicy Accepted.
inline constexpr std::string_view kReady = "Ready";
// MemoryRecommendation
inline constexpr std::string_view kTargetResolved = "TargetResolved";
inline constexpr std::string_view kTelemetryHealthy = "TelemetryHealthy";
inline constexpr std::string_view kRecommendationProvided = "RecommendationProvided";
inline constexpr std::string_view kApplied = "Applied";
// Whether a raise can reach the kernel before the kill (DESIGN: the guard).
inline constexpr std::string_view kGuarded = "Guarded";
// Whether what is learned survives a restart of the operator.
inline constexpr std::string_view kHistoryKept = "HistoryKept";
// MemoryPolicy
inline constexpr std::string_view kAccepted = "Accepted";
}  // namespace condition

// Reasons of conditions, by the condition they belong to.
namespace reason {
// Applied, before the first look
// Not looked at yet, or the API server has not told yet whether it resizes running pods; the
// message says which. To do: wait a few seconds; if it stays, see whether the operator reaches the
// server.
inline constexpr std::string_view kPending = "Pending";

// Ready
// The advice is from this minute's data.
inline constexpr std::string_view kRecommendationCurrent = "RecommendationCurrent";

// TargetResolved
// The workload and its pods are there.
inline constexpr std::string_view kFound = "Found";
// The operator may not read the custom owner, so labels and annotations are taken from its pods.
// To do: give it `get` on that kind with the chart's `rbac.extraRules`, or put the labels on the
// pod template.
inline constexpr std::string_view kOwnerUnreadable = "OwnerUnreadable";
// The workload runs nothing now; the advice shown is from when it did. To do: nothing; it goes on
// with the next pod of a workload of this name. What was learned is kept for 35 days (of a Job, a
// bare pod or a custom owner for one), and forgotten with its namespace at once.
inline constexpr std::string_view kNoPods = "NoPods";

// TelemetryHealthy
// Every running container was read within a minute.
inline constexpr std::string_view kAllPodsReporting = "AllPodsReporting";
// Some running containers were not read for a minute. To do: new pods take up to 15 s; if it
// stays, look at the agent's log on those nodes.
inline constexpr std::string_view kSomePodsSilent = "SomePodsSilent";
// There are pods, but no container of them runs: they wait for a node or an image, or are in
// back-off. To do: `kubectl describe pod` says what they wait for; what was learned stays.
inline constexpr std::string_view kNoContainerRuns = "NoContainerRuns";
// A node of this workload runs no agent: nothing is measured there, and only kills that end a
// container are known. To do: `kubectl get pods -n plimsoll-system -o wide`: taints, Pod Security
// (the namespace needs `privileged`), or the DaemonSet's nodeSelector.
inline constexpr std::string_view kNoAgent = "NoAgent";
// The agent of a node is not connected; the message says why. To do: look at that agent's pod and
// at NetworkPolicies on port 9478; nothing shrinks meanwhile.
inline constexpr std::string_view kTelemetryStale = "TelemetryStale";

// RecommendationProvided
// There is advice.
inline constexpr std::string_view kEnoughData = "EnoughData";
// Nothing has been observed yet, so there is no number. To do: wait a minute after the first pod
// runs; see TelemetryHealthy if it stays.
inline constexpr std::string_view kInsufficientData = "InsufficientData";
// The workload's annotation or the policy leaves all containers out. To do: remove
// `plimsoll.dev/exclude-containers` or the policy's `controlled: None` to get advice.
inline constexpr std::string_view kExcluded = "Excluded";

// Guarded
// A rising container's limit is raised before the kill, within a second.
inline constexpr std::string_view kGuardActive = "GuardActive";
// Limits are not raised before a kill; the message says why. To do: switch auto-patch on, or see
// the message.
inline constexpr std::string_view kGuardInactive = "GuardInactive";

// HistoryKept
// What is learned is kept in the workload's MemoryCheckpoint: once a minute, after a kill at once.
inline constexpr std::string_view kCheckpointCurrent = "CheckpointCurrent";
// A newer operator wrote the MemoryCheckpoint. It is left as it is; the advice is learned anew and
// not kept. To do: upgrade the operator; or delete the MemoryCheckpoint and restart the operator.
inline constexpr std::string_view kCheckpointNewer = "CheckpointNewer";
// The MemoryCheckpoint was cut short or changed; the containers that the message names are learned
// anew. To do: nothing; it is written anew within a minute.
inline constexpr std::string_view kCheckpointDamaged = "CheckpointDamaged";
// The API server does not take the MemoryCheckpoint; the message has its words. To do: what the
// message asks for; it is tried again every minute.
inline constexpr std::string_view kCheckpointRefused = "CheckpointRefused";

// Applied=True
// Every pod has the advised numbers, as the kernel reports them.
inline constexpr std::string_view kAllPodsAtTarget = "AllPodsAtTarget";

// Applied=False: the closed list of why not (yet)
// Advice only. To do: `kubectl label ns NAMESPACE plimsoll.dev/mode=auto-patch` to have it
// applied.
inline constexpr std::string_view kModeRecommend = "ModeRecommend";
// A cut waits until the policy's `autoPatch.cooldownSeconds` have passed since the last change. To
// do: wait; growing after a kill never waits.
inline constexpr std::string_view kWaitingForCooldown = "WaitingForCooldown";
// A cut waits until one of the policy's `autoPatch.windows` opens; the message says which is next.
// To do: wait, or change the windows; growing never waits.
inline constexpr std::string_view kOutsideWindow = "OutsideWindow";
// A cut waits until usage and recent peaks are below the new limit. To do: wait, or restart the
// pods when it suits you.
inline constexpr std::string_view kWaitingForUsage = "WaitingForUsage";
// The container is not ready, or between two runs. To do: nothing; it is resized as soon as it
// runs.
inline constexpr std::string_view kContainerNotRunning = "ContainerNotRunning";
// What a container has is nearer to the advice than a change has to be (`autoPatch.minChange`). To
// do: nothing; a kill, or a peak that nearly touches the limit, makes any raise worth its patch.
inline constexpr std::string_view kBelowMinChange = "BelowMinChange";
// A container was made without a memory limit, and a running pod is not given one: that could
// change its class of service. To do: set the advised limit in the workload's template, or leave
// limits to you with the policy's `controlled: RequestsOnly`.
inline constexpr std::string_view kNoLimitSet = "NoLimitSet";
// The same of a memory request. To do: set the advised request in the workload's template, or
// leave requests to you with the policy's `controlled: LimitsOnly`.
inline constexpr std::string_view kNoRequestSet = "NoRequestSet";
// Advice for an init container, or one whose `resizePolicy` would restart it, is not applied to a
// running pod. To do: set the advised numbers in the workload's template, or set `resizePolicy` of
// memory to `NotRequired` there.
inline constexpr std::string_view kNotInPlace = "NotInPlace";
// The pods have memory of their own for all containers together (`spec.resources`); such pods are
// not patched. To do: set the advised numbers in the workload's template.
inline constexpr std::string_view kPodLevelResources = "PodLevelResources";
// A HorizontalPodAutoscaler scales this workload by memory: changing the request would change the
// number of pods. To do: scale by another metric.
inline constexpr std::string_view kHpaOnMemory = "HPAOnMemory";
// A VerticalPodAutoscaler sets memory of this workload's pods; the message names it. To do: set its
// `updatePolicy.updateMode` to `Off`, take memory out of its `controlledResources`, or delete it.
inline constexpr std::string_view kFieldOwnedByOther = "FieldOwnedByOther";
// The namespace's ResourceQuota has no room. To do: raise the quota, or lower other workloads'
// requests.
inline constexpr std::string_view kQuotaExceeded = "QuotaExceeded";
// The server refused the numbers for the namespace's LimitRange. To do: raise its `max`, or its
// `maxLimitRequestRatio`.
inline constexpr std::string_view kLimitRangeConflict = "LimitRangeConflict";
// Some pods are at the new numbers, others follow. To do: wait.
inline constexpr std::string_view kRolloutInProgress = "RolloutInProgress";
// An app's runtime is brought in line with its container's limit: its `GOMEMLIMIT` and `GOGC` are
// sent to it. To do: nothing; before a cut the limit follows when the app's statistics show them.
inline constexpr std::string_view kRuntimeFollowsLimit = "RuntimeFollowsLimit";
// An app's runtime refused its settings; the message has the app's words. Its limit is not lowered
// below what the runtime still has set. To do: what the message says; it is asked again after ten
// minutes, or half a minute when other settings are due.
inline constexpr std::string_view kTuneRefused = "TuneRefused";
// A setting of the runtime is the user's (in the app's environment, which is never overwritten, or
// of an app that allows no tuning), and is not the advised one, or holds a cut back: no limit goes
// below a `GOMEMLIMIT` that stays. To do: set the advised value in the template, or take the
// setting out of it and Plimsoll sets it live.
inline constexpr std::string_view kSettingOwnedByUser = "SettingOwnedByUser";
// The kubelet has not confirmed a resize yet. To do: wait; after some minutes it is taken back and
// reported.
inline constexpr std::string_view kResizeInProgress = "ResizeInProgress";
// The node has no room for the larger request now; the resize was taken back. To do: free memory
// on the node, or let the pod be scheduled elsewhere.
inline constexpr std::string_view kResizeDeferred = "ResizeDeferred";
// The node or the pod's class of service can never take the numbers. To do: see the message; a
// restart of the pod with new requests may be needed.
inline constexpr std::string_view kResizeInfeasible = "ResizeInfeasible";
// The API server does not resize running pods (before Kubernetes 1.33, shrinking before 1.34, or
// with the feature gate `InPlacePodVerticalScaling` off), so there is advice alone. To do: set the
// numbers in the workload's template yourself, or upgrade.
inline constexpr std::string_view kResizeUnsupported = "ResizeUnsupported";
// The kubelet left the pod's own cgroup at an old limit (kubernetes#138760). To do: nothing: a
// second resize while the container runs heals it.
inline constexpr std::string_view kPodCgroupStale = "PodCgroupStale";
// The last cut was followed by a kill and was taken back. To do: nothing; the next cut waits twice
// as long.
inline constexpr std::string_view kRolledBack = "RolledBack";
// More was asked for than the operator's `--max-mode` allows. To do: `helm upgrade … --set
// settings.maxMode=auto-patch`, if that is meant.
inline constexpr std::string_view kCeilingReached = "CeilingReached";
// The label `plimsoll.dev/mode` has a value that is none. To do: use `off`, `recommend` or
// `auto-patch`.
inline constexpr std::string_view kUnknownModeLabel = "UnknownModeLabel";
// The annotation `plimsoll.dev/policy` names a policy that is not in this namespace. To do:
// correct the annotation or create the policy.
inline constexpr std::string_view kPolicyNotFound = "PolicyNotFound";
// The policy in force contradicts itself, so its workloads get advice without its bounds and no
// patch. To do: see `kubectl describe mempol` and correct the named field.
inline constexpr std::string_view kPolicyInvalid = "PolicyInvalid";
// The operator has no right to resize here. To do: install with `settings.maxMode=auto-patch`, and
// list the namespace in `rbac.autoPatchNamespaces` if you use that.
inline constexpr std::string_view kNotPermitted = "NotPermitted";
// An admission webhook or policy of the cluster refused the resize; the message has its words. To
// do: let the operator's account change `pods/resize` there, or use the mode `recommend`.
inline constexpr std::string_view kAdmissionDenied = "AdmissionDenied";

// Accepted (MemoryPolicy)
// The policy is in force.
inline constexpr std::string_view kValid = "Valid";
// No workload is under this policy. To do: check `targetRefs` and `targetSelector`, or whether a
// stronger policy has them all.
inline constexpr std::string_view kNoWorkloadMatched = "NoWorkloadMatched";
// An older policy claims the same workloads as strongly. To do: narrow one of the two.
inline constexpr std::string_view kConflicted = "Conflicted";
// The policy contradicts itself. To do: correct the field that the message names.
inline constexpr std::string_view kInvalid = "Invalid";
}  // namespace reason

// Reasons of events.
namespace event {
// Normal. The advised request or limit changed.
inline constexpr std::string_view kRecommendationChanged = "RecommendationChanged";
// Warning. Containers of this workload were killed for memory.
inline constexpr std::string_view kOomKillObserved = "OOMKillObserved";
// Normal. A limit was raised before the kill.
inline constexpr std::string_view kRaised = "Raised";
// Normal. A pod was resized.
inline constexpr std::string_view kPatched = "Patched";
// Normal. A resize that the node did not carry out was taken back.
inline constexpr std::string_view kPatchSkipped = "PatchSkipped";
// Warning. The API server refused a resize, or an app's runtime its settings; the note has the
// words of who refused.
inline constexpr std::string_view kPatchFailed = "PatchFailed";
// Warning. A cut was taken back after a kill.
inline constexpr std::string_view kPatchRolledBack = "PatchRolledBack";
// Normal. A runtime setting (GOMEMLIMIT, GOGC) was changed live.
inline constexpr std::string_view kRuntimeTuned = "RuntimeTuned";
// Warning. Two policies claim the same workloads.
inline constexpr std::string_view kPolicyConflicted = "PolicyConflicted";
// Warning. A policy contradicts itself.
inline constexpr std::string_view kPolicyInvalid = "PolicyInvalid";
// Warning. A label or annotation of yours cannot be meant; the note says what may be.
inline constexpr std::string_view kSettingMistaken = "SettingMistaken";
}  // namespace event

}  // namespace plimsoll::api
