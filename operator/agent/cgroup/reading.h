// SPDX-License-Identifier: Apache-2.0
//
// One look at a cgroup's memory. Absent means "not told here"; a reading that could not be had
// whole is an error, not a reading with zeros.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "advisor/base/units.h"
#include "operator/agent/cgroup/parse.h"

namespace plimsoll::agent {

struct MemoryReading {
  Bytes usage{};          // the kernel's own count, cache included
  Bytes hard{};           // anon + shmem + unreclaimable kernel + sockets + mlocked file
  Bytes soft{};           // file cache without shmem and mlocked + reclaimable slab
  Bytes inactive_file{};  // usage - this = working set
  std::optional<Bytes> swap{};
  std::optional<Bytes> limit{};             // absent: unlimited
  std::optional<Bytes> high{};              // absent: none
  std::optional<std::uint64_t> refaults{};  // cumulative pages
};

// Cumulative counters of memory.events; on v1 only max (memory.failcnt) and oom_kill are known.
struct EventCounts {
  std::uint64_t high = 0;
  std::uint64_t max = 0;
  std::uint64_t oom = 0;
  std::uint64_t oom_kill = 0;
  std::uint64_t oom_group_kill = 0;
};

// Of two looks at the same counters the newer one: they only grow.
[[nodiscard]] inline EventCounts Newer(const EventCounts& a, const EventCounts& b) {
  return {.high = std::max(a.high, b.high),
          .max = std::max(a.max, b.max),
          .oom = std::max(a.oom, b.oom),
          .oom_kill = std::max(a.oom_kill, b.oom_kill),
          .oom_group_kill = std::max(a.oom_group_kill, b.oom_group_kill)};
}

}  // namespace plimsoll::agent
