// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of one workload's container, over all its pods: rings of hourly and daily hard
// peaks, start-up peaks, OOM evidence, the largest rise, the live-set series of its runtime.
// Replicas merge by maximum. At most 2 KiB held; the checkpoint form at most 1.5 KiB.
#pragma once

#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"
#include "advisor/model/runtime_stats.h"

namespace plimsoll::history {

class ContainerHistory {
 public:
  // Each takes observations in any order within a tick; out-of-order ones across days are placed by
  // their own time, and those from the future or from before the rings are dropped.
  void Observe(std::string_view pod_uid, const model::MemoryDigest& digest);
  void Observe(const model::OomEvent& event);
  void Observe(std::string_view pod_uid, const model::RuntimeStats& stats);
  // A new image or template: a change point, the old baseline stays as a prior.
  void ObserveRelease(TimePoint time, std::string_view release);
};

}  // namespace plimsoll::history
