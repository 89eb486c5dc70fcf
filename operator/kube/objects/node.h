// SPDX-License-Identifier: Apache-2.0
//
// Node as kept in stores: how much memory it has to give.
#pragma once

#include <optional>

#include "advisor/base/units.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

struct Node {
  ObjectMeta meta;
  std::optional<Bytes> allocatable_memory;
  bool unschedulable = false;
};

}  // namespace plimsoll::kube
