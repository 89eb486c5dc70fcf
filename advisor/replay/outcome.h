// SPDX-License-Identifier: Apache-2.0
//
// What came of one container under one engine: the measures of sizing.md §H, as sums from which
// rates are made. Demand is hard memory plus the cache that is needed.
#pragma once

#include <cstdint>
#include <vector>

namespace plimsoll::replay {

struct Outcome {
  double days = 0;
  double up_minutes = 0;
  double limit_slack_sum = 0;    // of (limit - demand) / limit, over up minutes
  double request_slack_sum = 0;  // of (request - demand) / request where positive
  std::int64_t kills = 0;
  std::int64_t repeat_kills = 0;     // within 1 h of the one before
  std::int64_t kills_after_cut = 0;  // within a day after the engine had lowered the limit
  std::int64_t limit_changes = 0;
  std::int64_t request_changes = 0;
  std::int64_t flips = 0;           // a raise after a cut or a cut after a raise
  double thrash_minutes = 0;        // limit below hard memory plus needed cache
  double over_request_minutes = 0;  // mean demand above the request
  double down_minutes = 0;
  std::vector<double> recovery_minutes;  // from a first kill to the last of its burst, restarted

  [[nodiscard]] double LimitSlack() const {
    return up_minutes > 0 ? limit_slack_sum / up_minutes : 0;
  }
  [[nodiscard]] double RequestSlack() const {
    return up_minutes > 0 ? request_slack_sum / up_minutes : 0;
  }
  [[nodiscard]] double KillsPer1000Days() const {
    return days > 0 ? 1000.0 * static_cast<double>(kills) / days : 0;
  }
};

// Both as seen in one minute, for plots and for packing nodes.
struct TimelinePoint {
  float peak = 0;
  float demand = 0;  // mean over the minute; 0: not running
  float limit = 0;
  float request = 0;
};
using Timeline = std::vector<TimelinePoint>;

}  // namespace plimsoll::replay
