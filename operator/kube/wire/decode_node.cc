// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/decode_node.h"

#include "k8s/core.pb.h"
#include "operator/kube/wire/decode_meta.h"

namespace plimsoll::kube::wire {
namespace {

// Type and status, or type and address: both are fields 1 and 2.
MapEntry DecodePair(DecodeContext& context, std::string_view message) {
  static_assert(
      k8s::NodeCondition::kTypeFieldNumber == 1 && k8s::NodeCondition::kStatusFieldNumber == 2 &&
      k8s::NodeAddress::kTypeFieldNumber == 1 && k8s::NodeAddress::kAddressFieldNumber == 2);
  return DecodeMapEntry(context, message);
}

void DecodeNodeInfo(DecodeContext& context, std::string_view message, Node& node) {
  using Wire = k8s::NodeSystemInfo;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kKernelVersionFieldNumber) {
      node.kernel_version = context.Text(in.bytes());
    } else if (in.field() == Wire::kContainerRuntimeVersionFieldNumber) {
      node.container_runtime = context.Text(in.bytes());
    } else if (in.field() == Wire::kKubeletVersionFieldNumber) {
      node.kubelet_version = context.Text(in.bytes());
    }
  }
  context.Check(in, "status.nodeInfo");
}

void DecodeNodeStatus(DecodeContext& context, std::string_view message, Node& node) {
  using Wire = k8s::NodeStatus;
  ResourceList capacity;
  ResourceList allocatable;
  WireReader in(message);
  while (in.Next()) {
    switch (in.field()) {
      case Wire::kCapacityFieldNumber:
        DecodeResourceEntry(context, in.bytes(), capacity);
        break;
      case Wire::kAllocatableFieldNumber:
        DecodeResourceEntry(context, in.bytes(), allocatable);
        break;
      case Wire::kConditionsFieldNumber: {
        const auto [type, status] = DecodePair(context, in.bytes());
        if (type == "Ready") node.ready = status == "True";
        if (type == "MemoryPressure") node.memory_pressure = status == "True";
        break;
      }
      case Wire::kAddressesFieldNumber: {
        const auto [type, address] = DecodePair(context, in.bytes());
        if (type == "InternalIP" && node.internal_ip.empty()) node.internal_ip = address;
        break;
      }
      case Wire::kNodeInfoFieldNumber:
        DecodeNodeInfo(context, in.bytes(), node);
        break;
      default:
        break;
    }
  }
  context.Check(in, "status");
  node.capacity_memory = capacity.memory;
  node.allocatable_memory = allocatable.memory;
}

}  // namespace

Node DecodeNode(DecodeContext& context, std::string_view message) {
  using Wire = k8s::Node;
  Node node;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kMetadataFieldNumber) {
      node.meta = DecodeMeta(context, in.bytes());
    } else if (in.field() == Wire::kStatusFieldNumber) {
      DecodeNodeStatus(context, in.bytes(), node);
    } else if (in.field() == Wire::kSpecFieldNumber) {
      WireReader spec(in.bytes());
      while (spec.Next()) {
        if (spec.field() == k8s::NodeSpec::kUnschedulableFieldNumber) {
          node.unschedulable = spec.flag();
        }
      }
      context.Check(spec, "spec");
    }
  }
  context.Check(in, "Node");
  return node;
}

Namespace DecodeNamespace(DecodeContext& context, std::string_view message) {
  using Wire = k8s::Namespace;
  Namespace result;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == Wire::kMetadataFieldNumber) {
      result.meta = DecodeMeta(context, in.bytes());
    } else if (in.field() == Wire::kStatusFieldNumber) {
      WireReader status(in.bytes());
      while (status.Next()) {
        if (status.field() == k8s::NamespaceStatus::kPhaseFieldNumber) {
          result.terminating = status.bytes() == "Terminating";
        }
      }
      context.Check(status, "status");
    }
  }
  context.Check(in, "Namespace");
  return result;
}

}  // namespace plimsoll::kube::wire
