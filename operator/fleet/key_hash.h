// SPDX-License-Identifier: Apache-2.0
//
// WorkloadKey as a key of queues.
#pragma once

#include <functional>

#include "advisor/model/container_key.h"

namespace plimsoll::fleet {

struct KeyHash {
  std::size_t operator()(const model::WorkloadKey& key) const {
    const std::hash<std::string> text;
    return (text(key.ns) * 31 + text(key.kind)) * 31 + text(key.name);
  }
};

}  // namespace plimsoll::fleet
