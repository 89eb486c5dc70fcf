// SPDX-License-Identifier: Apache-2.0
//
// Jobs and CronJobs: the next run's request is what half of the last runs took. Its limit is held
// by days like any other's and is at least this:
//   limit >= max(peaks of the last 8 runs) * (1 + m), m = 0.5 * spread, between 0.10 and 0.50
//   spread = 1.4826 median |ln(p_i / median)|;  request = median run peak
//   peaks 300, 320, 310, 900: spread 0.05 -> limit 990, request 320 MiB
// Eight runs alone say little of the next where sizes are log-normal: in replay they had 471 kills
// per 1000 container-days, with the days 67. A limit reserves nothing, so its room is free.
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
