// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/node_status.h"

#include <spdlog/spdlog.h>

#include "operator/agent/watch/meminfo.h"

namespace plimsoll::agent {

v1::NodeStatus MakeNodeStatus(const NodeSenses& senses, const std::string& proc) {
  v1::NodeStatus status;
  if (const Result<MemInfo> memory = ReadMemInfo(proc)) {
    status.set_memory_available(static_cast<std::uint64_t>(memory->available.count()));
    status.set_memory_total(static_cast<std::uint64_t>(memory->total.count()));
  } else {
    spdlog::warn("{}", memory.error().message());
  }
  const bool on_v1 = senses.version == CgroupVersion::kV1;
  status.set_cgroup_version(on_v1 ? "v1" : "v2");
  if (senses.watched > 0) {
    if (!senses.all.pressure) status.add_missing("NoPressure");
    if (!senses.all.peak_reset) status.add_missing("NoPeakReset");
    if (!senses.all.threshold && on_v1) status.add_missing("NoThreshold");
  }
  if (!senses.kernel_log) status.add_missing("NoKernelLog");
  if (!senses.processes) status.add_missing("NoProcessAccess");
  status.set_containers_watched(static_cast<std::uint32_t>(senses.watched));
  return status;
}

}  // namespace plimsoll::agent
