// SPDX-License-Identifier: Apache-2.0
//
// The kubelet's own answer to a node short of memory: it ends whole pods, those first that are
// furthest above their requests. Nothing but the pod's status tells of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "operator/kube/objects/pod.h"

namespace plimsoll::fleet {

struct Eviction {
  TimePoint time{};
  // Above their requests, as the kubelet names them; those are what a larger request would have
  // kept. Empty: none was, or it does not say.
  std::vector<std::string> containers{};
};

// Absent where the pod was not evicted, or for want of something else (disk, process ids).
[[nodiscard]] std::optional<Eviction> MemoryEvictionOf(const kube::Pod& pod);

}  // namespace plimsoll::fleet
