// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/baselines/autopilot.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "advisor/replay/baselines/answer.h"

namespace plimsoll::replay {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kWindow = minutes(5);
constexpr Duration kHistory = hours(7 * 24);
constexpr double kHalfLifeMs = 48.0 * 3'600'000;
constexpr double kMargin = 1.12;

// The value below which `share` of the weight lies.
double WeightedPercentile(std::vector<std::pair<double, double>> value_weight, double share) {
  std::sort(value_weight.begin(), value_weight.end());
  double total = 0;
  for (const auto& [value, weight] : value_weight) total += weight;
  double sum = 0;
  for (const auto& [value, weight] : value_weight) {
    sum += weight;
    if (sum >= share * total) return value;
  }
  return value_weight.back().first;
}

}  // namespace

void AutopilotEngine::AddPeak(TimePoint time, double bytes) {
  if (windows_.empty() || time >= windows_.back().end) {
    windows_.push_back({time + kWindow, bytes});
  } else {
    windows_.back().peak = std::max(windows_.back().peak, bytes);
  }
  while (windows_.front().end < time - kHistory) windows_.pop_front();
}

void AutopilotEngine::Poll(std::string_view, TimePoint time, Bytes working_set) {
  AddPeak(time, working_set.AsDouble());
}

void AutopilotEngine::Observe(std::string_view, const model::MemoryDigest& digest) {
  AddPeak(digest.window_start, digest.hard_peak.AsDouble());
}

void AutopilotEngine::Observe(std::string_view, const model::OomEvent& event,
                              const Resources& in_force) {
  if (event.kind != model::OomKind::kContainerOom) return;
  AddPeak(event.time, 1.2 * in_force.limit.AsDouble());
}

double AutopilotEngine::Statistic(TimePoint now) const {
  if (statistic_ == AutopilotStatistic::kMax) {
    return std::max_element(windows_.begin(), windows_.end(),
                            [](const auto& a, const auto& b) { return a.peak < b.peak; })
        ->peak;
  }
  std::vector<std::pair<double, double>> value_weight;
  value_weight.reserve(windows_.size());
  for (const auto& window : windows_) {
    const auto age = static_cast<double>((now - window.end).count());
    value_weight.emplace_back(window.peak, std::exp2(-age / kHalfLifeMs));
  }
  return WeightedPercentile(std::move(value_weight), 0.98);
}

recommend::Recommendation AutopilotEngine::Advise(const Situation& situation) {
  if (windows_.empty()) {
    return NoAnswer(
        "Autopilot reads peaks, and none was told; add hard_peak or working_set to the "
        "digests");
  }
  const double now_wanted = Statistic(situation.now) * kMargin;
  while (!last_hour_.empty() && last_hour_.back().peak <= now_wanted) last_hour_.pop_back();
  last_hour_.push_back({situation.now, now_wanted});
  while (last_hour_.front().end < situation.now - hours(1)) last_hour_.pop_front();
  return Answer(Bytes::FromDouble(last_hour_.front().peak), situation);
}

std::optional<Resources> AutopilotEngine::Act(const Situation& situation) {
  const auto answer = Advise(situation);
  if (!answer.limit || situation.in_force.limit == *answer.limit) {
    return std::nullopt;
  }
  return Resources{*answer.request, *answer.limit};
}

}  // namespace plimsoll::replay
