// SPDX-License-Identifier: Apache-2.0
//
// Whether confidence is kept: in the first day's hours 1, 3, 6 and 12 and at every midnight the
// engine is asked, and the next seven days tell whether the answer was right. Right: no hard demand
// above the advised limit, and the highest of it no further below the limit than the slack that the
// answer stated. The container lives unlimited, so that no demand is cut off, and without a guard.
#pragma once

#include <span>
#include <vector>

#include "advisor/replay/demand.h"
#include "advisor/replay/engine.h"

namespace plimsoll::replay {

struct Promise {
  std::size_t hour = 0;  // of the workload's life, at which it was given
  double confidence = 0;
  bool kept = false;
};

[[nodiscard]] std::vector<Promise> Promises(const Workload& workload, Engine& engine);

// Promises of about the same confidence.
struct ReliabilityBin {
  double from = 0;
  double to = 0;
  std::size_t promises = 0;
  double mean_confidence = 0;
  double share_kept = 0;
};

// Ten bins over 0..1; empty ones are left out.
[[nodiscard]] std::vector<ReliabilityBin> Reliability(std::span<const Promise> promises);

// Of all promises, those in a bin whose mean confidence is within `tolerance` of the share kept;
// 0 without any.
[[nodiscard]] double ShareCalibrated(std::span<const Promise> promises, double tolerance);

}  // namespace plimsoll::replay
