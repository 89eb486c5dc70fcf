// SPDX-License-Identifier: Apache-2.0
//
// Jobs and CronJobs: what counts is the peak of a whole run, not of a day.
//   limit = max(peaks of the last 8 runs) * (1 + m), m = 0.5 * spread, between 0.10 and 0.50
//   spread = 1.4826 median |ln(p_i / median)|;  request = median run peak
//   peaks 300, 320, 310, 900: spread 0.05 -> limit 990, request 320 MiB
#pragma once

#include <optional>

#include "advisor/sizing/ledger.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

struct RunNeed {
  double limit = 0;
  double request = 0;
};

// Absent while no run has been seen.
[[nodiscard]] std::optional<RunNeed> NeededByRuns(const Situation& situation, Ledger& ledger);

}  // namespace plimsoll::sizing
