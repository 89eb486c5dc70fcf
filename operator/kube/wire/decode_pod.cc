// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/decode_pod.h"

#include <utility>
#include <vector>

#include "k8s/core.pb.h"
#include "operator/kube/wire/decode_meta.h"

namespace plimsoll::kube::wire {
namespace {

ResizePolicy DecodeMemoryResizePolicy(DecodeContext& context, std::string_view message,
                                      ResizePolicy otherwise) {
  std::string_view resource;
  std::string_view policy;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::ContainerResizePolicy::kResourceNameFieldNumber) resource = in.bytes();
    if (in.field() == k8s::ContainerResizePolicy::kRestartPolicyFieldNumber) policy = in.bytes();
  }
  context.Check(in, "resizePolicy");
  if (resource != "memory") return otherwise;
  return policy == "RestartContainer" ? ResizePolicy::kRestartContainer
                                      : ResizePolicy::kNotRequired;
}

Container DecodeContainer(DecodeContext& context, std::string_view message, ContainerKind kind) {
  using Wire = k8s::Container;
  Container container;
  container.kind = kind;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kNameFieldNumber:
        container.name = context.Text(in.bytes());
        break;
      case Wire::kImageFieldNumber:
        container.image = context.Text(in.bytes());
        break;
      case Wire::kResourcesFieldNumber:
        container.resources = DecodeRequirements(context, in.bytes());
        break;
      case Wire::kResizePolicyFieldNumber:
        container.memory_resize_policy =
            DecodeMemoryResizePolicy(context, in.bytes(), container.memory_resize_policy);
        break;
      case Wire::kRestartPolicyFieldNumber:
        // Only init containers with Always are sidecars; app containers may carry rules too.
        if (kind == ContainerKind::kInit && in.bytes() == "Always") {
          container.kind = ContainerKind::kSidecar;
        }
        break;
      default:
        break;
    }
  }
  context.Check(in, "containers");
  return container;
}

Container DecodeEphemeral(DecodeContext& context, std::string_view message) {
  Container container;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::EphemeralContainer::kCommonFieldNumber) {
      container = DecodeContainer(context, in.bytes(), ContainerKind::kEphemeral);
    }
  }
  context.Check(in, "ephemeralContainers");
  return container;
}

void DecodeSpec(DecodeContext& context, std::string_view message, Pod& pod) {
  using Wire = k8s::PodSpec;
  std::vector<Container> containers;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kContainersFieldNumber:
        containers.push_back(DecodeContainer(context, in.bytes(), ContainerKind::kApp));
        break;
      case Wire::kInitContainersFieldNumber:
        containers.push_back(DecodeContainer(context, in.bytes(), ContainerKind::kInit));
        break;
      case Wire::kEphemeralContainersFieldNumber:
        containers.push_back(DecodeEphemeral(context, in.bytes()));
        break;
      case Wire::kNodeNameFieldNumber:
        pod.node = context.Text(in.bytes());
        break;
      case Wire::kResourcesFieldNumber:
        pod.pod_resources = context.pool().Share(DecodeRequirements(context, in.bytes()));
        break;
      default:
        break;
    }
  }
  context.Check(in, "spec");
  pod.containers = context.pool().Share(containers);
}

PodPhase PhaseOf(std::string_view text) {
  if (text == "Running") return PodPhase::kRunning;
  if (text == "Pending") return PodPhase::kPending;
  if (text == "Succeeded") return PodPhase::kSucceeded;
  if (text == "Failed") return PodPhase::kFailed;
  return PodPhase::kUnknown;
}

QosClass QosOf(std::string_view text) {
  if (text == "Guaranteed") return QosClass::kGuaranteed;
  if (text == "Burstable") return QosClass::kBurstable;
  if (text == "BestEffort") return QosClass::kBestEffort;
  return QosClass::kUnknown;
}

ConditionStatus ConditionStatusOf(std::string_view text) {
  if (text == "True") return ConditionStatus::kTrue;
  if (text == "False") return ConditionStatus::kFalse;
  return ConditionStatus::kUnknown;
}

bool IsKept(std::string_view type) {
  return type == "PodResizePending" || type == "PodResizeInProgress" || type == "DisruptionTarget";
}

void DecodeCondition(DecodeContext& context, std::string_view message, Pod& pod,
                     std::vector<PodCondition>& conditions) {
  using Wire = k8s::PodCondition;
  std::string_view type;
  std::string_view status;
  std::string_view reason;
  std::string_view text;
  std::string_view transition;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kTypeFieldNumber) type = in.bytes();
    if (in.field() == Wire::kStatusFieldNumber) status = in.bytes();
    if (in.field() == Wire::kReasonFieldNumber) reason = in.bytes();
    if (in.field() == Wire::kMessageFieldNumber) text = in.bytes();
    if (in.field() == Wire::kLastTransitionTimeFieldNumber) transition = in.bytes();
  }
  context.Check(in, "conditions");
  if (type == "Ready") pod.ready = status == "True";
  if (!IsKept(type)) return;
  conditions.push_back({.type = context.Text(type),
                        .status = ConditionStatusOf(status),
                        .reason = context.Text(reason),
                        .message = text,
                        .last_transition = DecodeTime(context, transition)});
}

void DecodeStatus(DecodeContext& context, std::string_view message, Pod& pod,
                  std::vector<ContainerStatus>& statuses) {
  using Wire = k8s::PodStatus;
  std::vector<PodCondition> conditions;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kPhaseFieldNumber:
        pod.phase = PhaseOf(in.bytes());
        break;
      case Wire::kConditionsFieldNumber:
        DecodeCondition(context, in.bytes(), pod, conditions);
        break;
      case Wire::kReasonFieldNumber:
        pod.reason = context.Text(in.bytes());
        break;
      case Wire::kPodIpFieldNumber:
        pod.ip = in.bytes();
        break;
      case Wire::kContainerStatusesFieldNumber:
      case Wire::kInitContainerStatusesFieldNumber:
      case Wire::kEphemeralContainerStatusesFieldNumber:
        statuses.push_back(DecodeContainerStatus(context, in.bytes()));
        break;
      case Wire::kQosClassFieldNumber:
        pod.qos = QosOf(in.bytes());
        break;
      default:
        break;
    }
  }
  context.Check(in, "status");
  pod.conditions = std::move(conditions);
}

// The status lists do not tell init containers from sidecars; the spec does.
void TellKinds(const Pod& pod, std::vector<ContainerStatus>& statuses) {
  for (ContainerStatus& status : statuses) {
    if (const Container* container = pod.FindContainer(status.name)) status.kind = container->kind;
  }
}

}  // namespace

Pod DecodePod(DecodeContext& context, std::string_view message) {
  using Wire = k8s::Pod;
  Pod pod;
  std::vector<ContainerStatus> statuses;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kMetadataFieldNumber:
        pod.meta = DecodeMeta(context, in.bytes());
        break;
      case Wire::kSpecFieldNumber:
        DecodeSpec(context, in.bytes(), pod);
        break;
      case Wire::kStatusFieldNumber:
        DecodeStatus(context, in.bytes(), pod, statuses);
        break;
      default:
        break;
    }
  }
  context.Check(in, "Pod");
  TellKinds(pod, statuses);
  statuses.shrink_to_fit();
  pod.statuses = std::move(statuses);
  return pod;
}

}  // namespace plimsoll::kube::wire
