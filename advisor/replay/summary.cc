// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/summary.h"

#include <algorithm>
#include <vector>

namespace plimsoll::replay {
namespace {

template <class Measure>
std::vector<double> Each(std::span<const Outcome> outcomes, Measure measure) {
  std::vector<double> values;
  values.reserve(outcomes.size());
  for (const auto& outcome : outcomes) values.push_back(measure(outcome));
  return values;
}

double PerDay(double count, const Outcome& outcome) {
  return outcome.days > 0 ? count / outcome.days : 0;
}
double Per1000Days(std::int64_t count, const Outcome& outcome) {
  return 1000 * PerDay(static_cast<double>(count), outcome);
}

}  // namespace

Summary Summarize(std::span<const Outcome> outcomes) {
  const auto over = [outcomes](auto measure) { return MeanInterval(Each(outcomes, measure)); };
  Summary summary;
  summary.containers = outcomes.size();
  summary.limit_slack = over([](const Outcome& o) { return o.LimitSlack(); });
  summary.request_slack = over([](const Outcome& o) { return o.RequestSlack(); });
  summary.kills = over([](const Outcome& o) { return Per1000Days(o.kills, o); });
  summary.repeat_kills = over([](const Outcome& o) { return Per1000Days(o.repeat_kills, o); });
  summary.kills_after_cut =
      over([](const Outcome& o) { return Per1000Days(o.kills_after_cut, o); });
  summary.changes_per_day =
      over([](const Outcome& o) { return PerDay(static_cast<double>(o.limit_changes), o); });
  summary.request_changes_per_day =
      over([](const Outcome& o) { return PerDay(static_cast<double>(o.request_changes), o); });
  summary.flips_per_day =
      over([](const Outcome& o) { return PerDay(static_cast<double>(o.flips), o); });
  summary.thrash_minutes_per_day =
      over([](const Outcome& o) { return PerDay(o.thrash_minutes, o); });
  summary.over_request_share =
      over([](const Outcome& o) { return o.over_request_minutes / std::max(o.up_minutes, 1.0); });
  std::vector<double> recoveries;
  for (const auto& outcome : outcomes) {
    recoveries.insert(recoveries.end(), outcome.recovery_minutes.begin(),
                      outcome.recovery_minutes.end());
  }
  if (!recoveries.empty()) summary.recovery_minutes = MeanInterval(recoveries);
  return summary;
}

Comparison Compare(std::span<const Outcome> ours, std::span<const Outcome> theirs) {
  const auto ratio = [ours, theirs](auto measure) {
    return RatioInterval(Each(ours, measure), Each(theirs, measure));
  };
  Comparison comparison;
  comparison.kills = ratio([](const Outcome& o) { return o.KillsPer1000Days(); });
  comparison.repeat_kills = ratio([](const Outcome& o) { return Per1000Days(o.repeat_kills, o); });
  comparison.limit_slack = ratio([](const Outcome& o) { return o.LimitSlack(); });
  comparison.request_slack = ratio([](const Outcome& o) { return o.RequestSlack(); });
  return comparison;
}

}  // namespace plimsoll::replay
