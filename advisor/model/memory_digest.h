// SPDX-License-Identifier: Apache-2.0
//
// What was seen of one container's memory in one window (15 s sampled at 1 Hz; an urgent reading is
// a window of one sample). Absent means "not measured here" and is never the same as zero.
#pragma once

#include <cstdint>
#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"

namespace plimsoll::model {

// Stalled time within the window, from the kernel's pressure stall information.
struct PressureDelta {
  Duration some{};  // at least one task waited for memory
  Duration full{};  // all tasks waited
};

// How far the kernel's cumulative event counters moved within the window (never negative: a counter
// that went back means a new cgroup, and the delta starts from zero again).
struct MemoryEventsDelta {
  std::uint64_t high = 0;            // throttled at memory.high
  std::uint64_t max = 0;             // hit memory.max (v1: memory.failcnt)
  std::uint64_t oom = 0;             // allocation about to fail
  std::uint64_t oom_kill = 0;        // processes killed
  std::uint64_t oom_group_kill = 0;  // whole-cgroup kills
};

struct MemoryDigest {
  TimePoint window_start{};
  TimePoint window_end{};
  std::uint32_t samples = 0;  // readings behind this digest; at least 1
  bool urgent = false;        // sent at once because the container nears its limit

  // hard: what cannot be reclaimed: anon + shmem + unreclaimable kernel + sockets + mlocked.
  Bytes hard_peak{};
  Bytes hard_mean{};
  // soft: what can: file cache without shmem, reclaimable slab.
  std::optional<Bytes> soft_mean{};
  Bytes usage{};                       // the kernel's own count, last reading; cache included
  std::optional<Bytes> kernel_peak{};  // memory.peak of this window, where it can be reset
  std::optional<Bytes> working_set{};  // usage - inactive file: what the kubelet and VPA call usage
  std::optional<Bytes> swap{};
  std::optional<Bytes> limit{};      // as the kernel has it; absent: unlimited
  std::optional<Bytes> high{};       // memory.high; absent: none
  std::optional<Bytes> pod_limit{};  // of the pod's cgroup; absent: unlimited
  std::optional<Bytes> rise{};       // largest growth of hard within any 5 s of the window
  // Of an urgent reading: growth of hard over the last 0.3 s; absent: none, or not known.
  std::optional<BytesPerSecond> rate{};
  std::optional<PressureDelta> pressure{};
  std::optional<std::uint64_t> refaults{};  // pages of file cache read again
  MemoryEventsDelta events{};
  TimePoint container_start{};

  // Demand was cut off at the smaller of limit and high, or killed there: it was at least that. Not
  // where either changed within the window.
  bool censored = false;
};

}  // namespace plimsoll::model
