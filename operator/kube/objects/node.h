// SPDX-License-Identifier: Apache-2.0
//
// Node as kept in stores: how much memory it has to give, and whether it is in trouble.
#pragma once

#include <optional>

#include "advisor/base/units.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

struct Node {
  ObjectMeta meta;
  std::optional<Bytes> capacity_memory;
  std::optional<Bytes> allocatable_memory;
  bool unschedulable = false;
  bool ready = false;
  bool memory_pressure = false;
  InternedString internal_ip;
  InternedString kubelet_version;    // "v1.36.3"
  InternedString container_runtime;  // "containerd://1.6.20"
  InternedString kernel_version;
};

}  // namespace plimsoll::kube
