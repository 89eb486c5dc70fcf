// SPDX-License-Identifier: Apache-2.0
//
// ResourceQuota as kept in stores: the memory a namespace may request.
#pragma once

#include <optional>

#include "advisor/base/units.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

struct ResourceQuota {
  ObjectMeta meta;
  bool scoped = false;                 // holds for a part of the pods only
  std::optional<Bytes> hard_requests;  // "requests.memory" or "memory"
  std::optional<Bytes> used_requests;  // as the server last counted
};

}  // namespace plimsoll::kube
