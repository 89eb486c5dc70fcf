// SPDX-License-Identifier: Apache-2.0
//
// The memory controller's tree on this node: which version, where it is mounted. The unified tree
// of a hybrid machine (v2 mounted, memory still on v1) is not it.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "operator/agent/base/fd.h"

namespace plimsoll::agent {

enum class CgroupVersion { kV1, kV2 };

struct Hierarchy {
  CgroupVersion version = CgroupVersion::kV2;
  std::string path;  // the directory below which the memory controller's cgroups lie
  Fd root;           // that directory

  // Looks at `mount` (usually /sys/fs/cgroup): v2 when its cgroup.controllers lists memory, v1 when
  // it has memory/memory.usage_in_bytes or is that controller's own mount. Errors: kNotFound, with
  // what was looked for; kForbidden.
  [[nodiscard]] static Result<Hierarchy> Detect(const std::string& mount);
};

}  // namespace plimsoll::agent
