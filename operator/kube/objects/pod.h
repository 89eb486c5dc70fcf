// SPDX-License-Identifier: Apache-2.0
//
// Pod as kept in stores: what decides about memory, and nothing else. Replicas share their
// container list (SharedList), so ten thousand pods are a few megabytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "operator/kube/interned_string.h"
#include "operator/kube/objects/object_meta.h"
#include "operator/kube/shared_list.h"

namespace plimsoll::kube {

// requests or limits of one container or pod. Absent means "not set", never zero.
struct ResourceList {
  std::optional<Bytes> memory = {};
  friend bool operator==(const ResourceList&, const ResourceList&) = default;
};

struct ResourceRequirements {
  ResourceList requests = {};
  ResourceList limits = {};
  friend bool operator==(const ResourceRequirements&, const ResourceRequirements&) = default;
};

// What a resize of a resource does to the container.
enum class ResizePolicy : std::uint8_t { kNotRequired, kRestartContainer };

enum class ContainerKind : std::uint8_t {
  kApp,
  kInit,     // runs to its end before the app containers
  kSidecar,  // init container with restartPolicy Always: runs as long as the pod
  kEphemeral,
};

// Whether it runs as long as its pod does: one that runs to its end cannot be resized.
[[nodiscard]] constexpr bool LivesWithPod(ContainerKind kind) {
  return kind == ContainerKind::kApp || kind == ContainerKind::kSidecar;
}

// One container of a pod's spec.
struct Container {
  InternedString name = {};
  InternedString image = {};
  ContainerKind kind = ContainerKind::kApp;
  ResizePolicy memory_resize_policy = ResizePolicy::kNotRequired;
  ResourceRequirements resources = {};

  // Its memory can be changed while it runs, without a restart.
  [[nodiscard]] bool ResizesInPlace() const {
    return LivesWithPod(kind) && memory_resize_policy == ResizePolicy::kNotRequired;
  }
  friend bool operator==(const Container&, const Container&) = default;
};

// How a container's run ended.
struct Termination {
  InternedString reason = {};  // "OOMKilled", "Error", "Completed", ...
  std::int32_t exit_code = 0;
  TimePoint started{};
  TimePoint finished{};
  InternedString container_id = {};  // with the runtime's prefix: "containerd://…"
  friend bool operator==(const Termination&, const Termination&) = default;
};

enum class ContainerRunState : std::uint8_t { kWaiting, kRunning, kTerminated };

// One container as the kubelet reports it.
struct ContainerStatus {
  InternedString name = {};
  InternedString container_id = {};  // "containerd://<64 hex>"; empty before the first start
  ContainerRunState state = ContainerRunState::kWaiting;
  ContainerKind kind = ContainerKind::kApp;
  // The end that `state` tells (kTerminated), and the end before the current run (lastState).
  std::shared_ptr<const Termination> terminated = {};
  std::shared_ptr<const Termination> last_terminated = {};
  // What the container runtime has actually applied; null where the server does not say
  // (before 1.33 without the feature, or not started).
  std::shared_ptr<const ResourceRequirements> resources = {};
};

enum class PodPhase : std::uint8_t { kUnknown, kPending, kRunning, kSucceeded, kFailed };
enum class QosClass : std::uint8_t { kUnknown, kGuaranteed, kBurstable, kBestEffort };
enum class ConditionStatus : std::uint8_t { kUnknown, kTrue, kFalse };

// A condition that bears on memory. Kept: PodResizePending, PodResizeInProgress, DisruptionTarget;
// Ready is a field of its own.
struct PodCondition {
  InternedString type = {};
  ConditionStatus status = ConditionStatus::kUnknown;
  InternedString reason = {};  // "Deferred", "Infeasible", "Error", ...
  InternedString message = {};
  TimePoint last_transition{};
  friend bool operator==(const PodCondition&, const PodCondition&) = default;
};

struct Pod {
  ObjectMeta meta = {};

  InternedString node = {};  // empty while unscheduled
  // App containers, then init containers and native sidecars, then ephemeral ones: tell by kind.
  SharedList<Container> containers = {};
  std::shared_ptr<const ResourceRequirements> pod_resources =
      {};  // pod-level (1.32+); null when unset

  PodPhase phase = PodPhase::kUnknown;
  QosClass qos = QosClass::kUnknown;
  bool ready = false;
  InternedString ip = {};
  InternedString reason = {};  // "Evicted", "NodeLost", ...; empty usually
  SharedList<PodCondition> conditions = {};
  SharedList<ContainerStatus> statuses = {};  // same order as containers where both are there

  // By name; null when there is none.
  [[nodiscard]] const Container* FindContainer(std::string_view name) const;
  [[nodiscard]] const ContainerStatus* FindStatus(std::string_view name) const;
  [[nodiscard]] const PodCondition* FindCondition(std::string_view type) const;
};

}  // namespace plimsoll::kube
