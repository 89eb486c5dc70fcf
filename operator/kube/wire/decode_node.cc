// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/wire/decode_node.h"

#include "k8s/core.pb.h"
#include "operator/kube/wire/decode_meta.h"

namespace plimsoll::kube::wire {
namespace {

void DecodeNodeStatus(DecodeContext& context, std::string_view message, Node& node) {
  ResourceList allocatable;
  WireReader in(message);
  while (in.Next()) {
    if (in.field() == k8s::NodeStatus::kAllocatableFieldNumber) {
      DecodeResourceEntry(context, in.bytes(), allocatable);
    }
  }
  context.Check(in, "status");
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
