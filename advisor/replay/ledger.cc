// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/ledger.h"

#include <algorithm>

namespace plimsoll::replay {
namespace {

double Minutes(Duration span) { return static_cast<double>(span.count()) / 60'000; }

}  // namespace

void Ledger::Up(double demand, const Resources& in_force) {
  const double limit = in_force.limit.AsDouble();
  const double request = std::max(in_force.request.AsDouble(), 1.0);
  outcome_.up_minutes += 1;
  outcome_.limit_slack_sum += std::max(0.0, limit - demand) / std::max(limit, 1.0);
  outcome_.request_slack_sum += std::max(0.0, request - demand) / request;
  if (demand > limit) outcome_.thrash_minutes += 1;
  if (demand > request) outcome_.over_request_minutes += 1;
}

void Ledger::Down() { outcome_.down_minutes += 1; }

void Ledger::Kill(TimePoint time, const Resources& in_force) {
  ++outcome_.kills;
  if (last_kill_ && time - *last_kill_ <= std::chrono::hours(1)) ++outcome_.repeat_kills;
  const bool cut_lately = last_cut_ && time - *last_cut_ <= std::chrono::hours(24);
  if (cut_lately && in_force.limit < limit_before_cut_) ++outcome_.kills_after_cut;
  last_kill_ = time;
  // What lives too short to be called stable (a ten-minute job) ends its burst by an hour's peace.
  if (burst_ && time - burst_->last_kill > std::chrono::hours(1)) Stable(burst_->last_kill);
  if (!burst_) burst_ = Burst{time, time};
  burst_->last_kill = time;
}

void Ledger::Change(TimePoint time, const Resources& from, const Resources& to) {
  if (to.request != from.request) ++outcome_.request_changes;
  if (to.limit == from.limit) return;
  const int direction = to.limit > from.limit ? 1 : -1;
  ++outcome_.limit_changes;
  if (last_direction_ != 0 && direction != last_direction_) ++outcome_.flips;
  last_direction_ = direction;
  if (direction < 0) {
    last_cut_ = time;
    limit_before_cut_ = from.limit;
  }
}

void Ledger::Stable(TimePoint running_since) {
  if (!burst_) return;
  outcome_.recovery_minutes.push_back(Minutes(running_since - burst_->first_kill));
  burst_.reset();
}

Outcome Ledger::Close(double days) {
  // A burst that never ended lasted at least until now; it must not be left out.
  if (burst_) outcome_.recovery_minutes.push_back(Minutes(burst_->last_kill - burst_->first_kill));
  outcome_.days = days;
  return outcome_;
}

}  // namespace plimsoll::replay
