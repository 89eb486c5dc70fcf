// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/agent_view.h"

#include <algorithm>

namespace plimsoll::replay {
namespace {

constexpr double kCensoredFrom = 0.995;  // of the limit: the true demand may have been cut off
constexpr double kPageBytes = 4096;
// A workload without its cache reads it again about once a minute.
constexpr double kRereadsPerMinute = 1;
constexpr double kStallShare = 0.05;  // of the time, while the needed cache does not fit

}  // namespace

double CacheHeld(double wanted, double hard, const Resources& in_force) {
  return std::clamp(wanted, 0.0, std::max(0.0, in_force.limit.AsDouble() - hard));
}

double ActiveCache(double held, double needed, double active_share) {
  return std::max(active_share * held, std::min(needed, held));
}

void AgentView::See(const LivedMinute& lived, double highest, int seconds,
                    const Resources& in_force, double active_share) {
  const double mean = std::min(lived.Mean(), highest);
  const double soft = CacheHeld(lived.cache, mean, in_force);
  peak_ = std::max(peak_, highest);
  sum_ += mean * seconds;
  soft_sum_ += soft * seconds;
  active_sum_ += ActiveCache(soft, lived.needed_cache, active_share) * seconds;
  rise_ = std::max(rise_, lived.Rise());
  usage_ = std::min(lived.level + soft, in_force.limit.AsDouble());
  limit_moved_ = limit_moved_ || (Any() && limit_ != in_force.limit);
  seconds_ += seconds;
  limit_ = in_force.limit;
  if (highest >= kCensoredFrom * in_force.limit.AsDouble()) censored_ = true;
  if (soft < lived.needed_cache) {
    short_of_cache_minutes_ += (1 - soft / lived.needed_cache) * seconds / 60.0;
    reread_ = lived.needed_cache;
  }
}

model::MemoryDigest AgentView::Close(TimePoint end, TimePoint container_start) {
  model::MemoryDigest digest;
  digest.window_end = end;
  digest.window_start = std::max(end - std::chrono::minutes(kWindowMinutes), container_start);
  digest.samples = static_cast<std::uint32_t>(std::max(seconds_, 1));
  digest.hard_peak = Bytes::FromDouble(peak_);
  digest.hard_mean = Bytes::FromDouble(sum_ / std::max(seconds_, 1));
  digest.soft_mean = Bytes::FromDouble(soft_sum_ / std::max(seconds_, 1));
  digest.usage = Bytes::FromDouble(usage_);
  digest.working_set = Bytes::FromDouble((sum_ + active_sum_) / std::max(seconds_, 1));
  digest.limit = limit_;
  digest.rise = Bytes::FromDouble(rise_);
  const double lost = short_of_cache_minutes_;
  digest.refaults = static_cast<std::uint64_t>(lost * kRereadsPerMinute * reread_ / kPageBytes);
  const Duration stalled(static_cast<std::int64_t>(lost * 60'000 * kStallShare));
  digest.pressure = model::PressureDelta{stalled, stalled / 2};
  digest.events.oom_kill = digest.events.oom = kills_;
  digest.container_start = container_start;
  digest.censored = censored_ && !limit_moved_;
  *this = AgentView();
  return digest;
}

}  // namespace plimsoll::replay
