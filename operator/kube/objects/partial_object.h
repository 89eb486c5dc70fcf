// SPDX-License-Identifier: Apache-2.0
//
// Metadata of an object of any kind (PartialObjectMetadata): all that is needed to walk from a pod
// to its workload, for Deployments as for owners nobody has heard of.
#pragma once

#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

struct PartialObject {
  ObjectMeta meta;
};

}  // namespace plimsoll::kube
