// SPDX-License-Identifier: Apache-2.0
//
// Namespace as kept in stores: its labels carry the mode.
#pragma once

#include "operator/kube/objects/object_meta.h"

namespace plimsoll::kube {

struct Namespace {
  ObjectMeta meta;
  bool terminating = false;
};

}  // namespace plimsoll::kube
