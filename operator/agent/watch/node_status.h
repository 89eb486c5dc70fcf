// SPDX-License-Identifier: Apache-2.0
//
// What the agent says of its node as a whole: its memory, and which signals cannot be had here.
#pragma once

#include <string>

#include "operator/agent/cgroup/hierarchy.h"
#include "operator/agent/cgroup/memory_group.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

struct NodeSenses {
  CgroupVersion version = CgroupVersion::kV2;
  std::size_t watched = 0;  // containers
  // What every one of them can give; meaningless when none is watched.
  GroupAbilities all{true, true, true};
  bool kernel_log = false;
  bool processes = false;
};

// Memory is left out, with a warning in the log, when `proc`/meminfo cannot be read.
[[nodiscard]] v1::NodeStatus MakeNodeStatus(const NodeSenses& senses, const std::string& proc);

}  // namespace plimsoll::agent
