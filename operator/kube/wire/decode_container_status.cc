// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "k8s/core.pb.h"
#include "operator/kube/wire/decode_meta.h"
#include "operator/kube/wire/decode_pod.h"

namespace plimsoll::kube::wire {
namespace {

std::shared_ptr<const Termination> DecodeTerminated(DecodeContext& context,
                                                    std::string_view message) {
  using Wire = k8s::ContainerStateTerminated;
  Termination end;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kExitCodeFieldNumber:
        end.exit_code = in.number32();
        break;
      case Wire::kReasonFieldNumber:
        end.reason = context.Text(in.bytes());
        break;
      case Wire::kStartedAtFieldNumber:
        end.started = DecodeTime(context, in.bytes());
        break;
      case Wire::kFinishedAtFieldNumber:
        end.finished = DecodeTime(context, in.bytes());
        break;
      case Wire::kContainerIdFieldNumber:
        end.container_id = in.bytes();
        break;
      default:
        break;
    }
  }
  context.Check(in, "terminated");
  return std::make_shared<const Termination>(std::move(end));
}

void DecodeState(DecodeContext& context, std::string_view message, ContainerStatus& status) {
  using Wire = k8s::ContainerState;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kRunningFieldNumber) {
      status.state = ContainerRunState::kRunning;
    } else if (in.field() == Wire::kTerminatedFieldNumber) {
      status.state = ContainerRunState::kTerminated;
      status.terminated = DecodeTerminated(context, in.bytes());
    }
  }
  context.Check(in, "state");
}

void DecodeLastState(DecodeContext& context, std::string_view message, ContainerStatus& status) {
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::ContainerState::kTerminatedFieldNumber) {
      status.last_terminated = DecodeTerminated(context, in.bytes());
    }
  }
  context.Check(in, "lastState");
}

}  // namespace

ContainerStatus DecodeContainerStatus(DecodeContext& context, std::string_view message) {
  using Wire = k8s::ContainerStatus;
  ContainerStatus status;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kNameFieldNumber:
        status.name = context.Text(in.bytes());
        break;
      case Wire::kStateFieldNumber:
        DecodeState(context, in.bytes(), status);
        break;
      case Wire::kLastStateFieldNumber:
        DecodeLastState(context, in.bytes(), status);
        break;
      case Wire::kContainerIdFieldNumber:
        status.container_id = in.bytes();
        break;
      case Wire::kResourcesFieldNumber:
        status.resources = context.pool().Share(DecodeRequirements(context, in.bytes()));
        break;
      default:
        break;
    }
  }
  context.Check(in, "containerStatuses");
  return status;
}

}  // namespace plimsoll::kube::wire
