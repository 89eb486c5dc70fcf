// SPDX-License-Identifier: Apache-2.0
//
// HorizontalPodAutoscaler as kept in stores: whom it scales, and whether by memory (then changing
// the memory request would change the number of replicas).
#pragma once

#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

struct HorizontalPodAutoscaler {
  ObjectMeta meta;
  InternedString target_kind;
  InternedString target_name;
  bool targets_memory = false;  // any Resource or ContainerResource metric on memory
};

}  // namespace plimsoll::kube
