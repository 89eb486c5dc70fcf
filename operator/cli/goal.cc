// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/goal.h"

#include <algorithm>

namespace plimsoll::cli {

using replay::Summary;

std::vector<Goal> SplitGoals() {
  return {
      {"OOM kills, of VPA's", 0.15, 0.10, [](const auto& c, const auto&) { return c.kills; },
       &Summary::kills, kFewKills},
      {"repeats within 1 h, of VPA's", 0.05, 0.05,
       [](const auto& c, const auto&) { return c.repeat_kills; }, &Summary::repeat_kills},
      {"limit slack, of VPA's", 1.0, 0.75,
       [](const auto& c, const auto&) { return c.limit_slack; }},
      {"request slack, of VPA's", 0.45, 0.45,
       [](const auto& c, const auto&) { return c.request_slack; }},
      {"minutes of mean demand above request", 0.01, 0.01,
       [](const auto&, const auto& s) { return std::optional(s.over_request_share); }},
      {"limit changes a day", 0.4, 0.6,
       [](const auto&, const auto& s) { return std::optional(s.changes_per_day); }},
      {"flips a day", 0.05, 0.1,
       [](const auto&, const auto& s) { return std::optional(s.flips_per_day); }},
  };
}

std::vector<Goal> EqualGoals() {
  return {{"slack where request = limit, of VPA's", 1.0, 0.75,
           [](const auto& c, const auto&) { return c.limit_slack; }}};
}

bool MoreKills(double ours, double theirs) {
  return ours > theirs && std::max(ours, theirs) > kFewKills;
}

}  // namespace plimsoll::cli
