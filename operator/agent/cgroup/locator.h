// SPDX-License-Identifier: Apache-2.0
//
// Finds containers' cgroup directories by container id, wherever the kubelet put its tree: walks
// down from the controller's root, stops at containers. The pod directory is the container's
// parent, so a static pod (whose cgroup is named after its configuration hash, not after its UID
// in the API) is found as well.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "advisor/base/result.h"
#include "operator/agent/cgroup/hierarchy.h"

namespace plimsoll::agent {

struct ContainerPlace {
  std::string container;  // path relative to the hierarchy's root
  std::string pod;        // its pod's; a proper prefix of it
  std::string pod_uid;    // as the cgroup names it
};

using ContainerPlaces = std::unordered_map<std::string, ContainerPlace>;  // by container id

// Every container of the tree. Reads at most 50,000 directories, 16 levels deep; directories that
// vanish on the way are passed over. Errors: kInternal when the bound is hit, kGone or kForbidden
// when the root cannot be read.
[[nodiscard]] Result<ContainerPlaces> FindContainers(const Hierarchy& hierarchy);

}  // namespace plimsoll::agent
