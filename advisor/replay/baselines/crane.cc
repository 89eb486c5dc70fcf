// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/crane.h"

#include <algorithm>
#include <cmath>

#include "advisor/replay/baselines/answer.h"

namespace plimsoll::replay {
namespace {

using std::chrono::hours;

constexpr Duration kHistory = hours(168);
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kBucket = 100 << 20;
constexpr std::int64_t kDays = 7;

std::int64_t DayOf(TimePoint time) { return time.time_since_epoch().count() / kDayMs; }

}  // namespace

void CraneEngine::Poll(std::string_view, TimePoint time, Bytes working_set) {
  if (!first_poll_) first_poll_ = time;
  const std::int64_t number = DayOf(time);
  if (days_.empty() || days_.back().number < number) days_.push_back({number, {}});
  while (days_.front().number <= number - kDays) days_.pop_front();
  // Weights double every 48 h from the first poll on: the same as halving the older ones.
  const auto since = static_cast<double>((time - *first_poll_).count());
  days_.back().bucket_weight[working_set.count() / kBucket] += std::exp2(since / (2.0 * kDayMs));
}

void CraneEngine::Observe(std::string_view, const model::OomEvent& event,
                          const Resources& in_force) {
  if (event.kind != model::OomKind::kContainerOom) return;
  const Bytes used = in_force.request;
  bumps_.push_back({event.time, std::max(used + Bytes(100'000'000), used * Ratio(1.2))});
}

Bytes CraneEngine::Percentile() const {
  std::map<std::int64_t, double> all;
  double total = 0;
  for (const auto& day : days_) {
    for (const auto& [bucket, weight] : day.bucket_weight) {
      all[bucket] += weight;
      total += weight;
    }
  }
  double sum = 0;
  for (const auto& [bucket, weight] : all) {
    sum += weight;
    if (sum >= 0.99 * total) return Bytes((bucket + 1) * kBucket);
  }
  return Bytes((all.rbegin()->first + 1) * kBucket);
}

recommend::Recommendation CraneEngine::Advise(const Situation& situation) {
  while (!bumps_.empty() && bumps_.front().time < situation.now - kHistory) bumps_.pop_front();
  Bytes wanted{};
  if (!days_.empty()) wanted = Percentile() * Ratio(1.15);
  for (const auto& bump : bumps_) wanted = std::max(wanted, bump.bytes);
  if (wanted == Bytes(0)) return NoWorkingSet("Crane");
  return Answer(wanted, situation);
}

std::optional<Resources> CraneEngine::Act(const Situation& situation) {
  const auto answer = Advise(situation);
  if (!answer.limit) return std::nullopt;
  const Resources wanted{*answer.request, *answer.limit};
  if (Both(situation.in_force) == wanted) return std::nullopt;
  return wanted;
}

}  // namespace plimsoll::replay
