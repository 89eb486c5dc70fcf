// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "advisor/replay/agent_view.h"
#include "advisor/replay/container_model.h"
#include "advisor/replay/simulate.h"

namespace plimsoll::replay {
namespace {

constexpr std::size_t kHour = 60;
constexpr std::size_t kDay = 24 * kHour;
constexpr std::array<std::size_t, 4> kFirstHours = {1, 3, 6, 12};
constexpr std::size_t kHoursAhead = std::size_t{7} * 24;
constexpr Resources kUnlimited{Bytes::Max(), Bytes::Max()};

struct Asked {
  std::size_t hour;
  double confidence;
  double limit;
  double stated_slack;
};

bool AsksAt(std::size_t minute) {
  if (minute == 0 || minute % kHour != 0) return false;
  return minute % kDay == 0 || std::ranges::find(kFirstHours, minute / kHour) != kFirstHours.end();
}

// What was promised against the hard demand of the days that followed.
std::vector<Promise> Judge(const std::vector<Asked>& asked, const std::vector<double>& hour_peak) {
  std::vector<Promise> promises;
  for (const auto& each : asked) {
    if (each.hour + kHoursAhead > hour_peak.size()) break;
    const auto first = hour_peak.begin() + static_cast<std::ptrdiff_t>(each.hour);
    const double peak = *std::max_element(first, first + kHoursAhead);
    if (peak <= 0) continue;  // it never ran
    const bool enough = peak <= each.limit;
    const bool as_stated = each.limit - peak <= each.stated_slack * each.limit;
    promises.push_back(
        {.hour = each.hour, .confidence = each.confidence, .kept = enough && as_stated});
  }
  return promises;
}

}  // namespace

std::vector<Promise> Promises(const Workload& workload, Engine& engine) {
  const TimePoint start = SimulationOptions().start;
  ContainerModel container(workload.traits);
  AgentView view;
  TimePoint container_start = start;
  std::vector<double> hour_peak(workload.minutes.size() / kHour + 1, 0);
  std::vector<Asked> asked;
  const auto send = [&](TimePoint end) {
    if (!view.Any()) return;
    model::MemoryDigest digest = view.Close(end, container_start);
    digest.limit.reset();
    engine.Observe("pod", digest);
  };
  for (std::size_t t = 0; t < workload.minutes.size(); ++t) {
    const auto minute = static_cast<std::int64_t>(t);
    const TimePoint now = start + std::chrono::minutes(minute);
    if (AsksAt(t)) {
      const auto advice = engine.Advise({.now = now});
      if (advice.limit) {
        asked.push_back({t / kHour, advice.confidence.value(), advice.limit->AsDouble(),
                         advice.stated_slack.value()});
      }
    }
    if (container.Tick(minute, workload.minutes[t], workload.RestartsAt(minute))) {
      send(now);
      container_start = now;
      if (t == 0 || workload.ReleasesAt(minute)) {
        engine.ObserveRelease(now, "release-" + std::to_string(t));
      }
    }
    if (container.running()) {
      const LivedMinute lived = container.Live(minute, workload.minutes[t]);
      view.See(lived, lived.Highest(), 60, kUnlimited, workload.traits.active_share);
      container.Lived(lived);
      hour_peak[t / kHour] = std::max(hour_peak[t / kHour], lived.Highest());
    }
    if ((minute + 1) % AgentView::kWindowMinutes == 0) send(now + std::chrono::minutes(1));
  }
  hour_peak.resize(workload.minutes.size() / kHour);
  return Judge(asked, hour_peak);
}

std::vector<ReliabilityBin> Reliability(std::span<const Promise> promises) {
  constexpr std::size_t kBins = 10;
  std::array<ReliabilityBin, kBins> bins{};
  for (const auto& promise : promises) {
    const auto index = std::min<std::size_t>(
        static_cast<std::size_t>(std::max(promise.confidence, 0.0) * kBins), kBins - 1);
    ReliabilityBin& bin = bins[index];
    ++bin.promises;
    bin.mean_confidence += promise.confidence;
    bin.share_kept += promise.kept ? 1 : 0;
  }
  std::vector<ReliabilityBin> filled;
  for (std::size_t i = 0; i < kBins; ++i) {
    ReliabilityBin bin = bins[i];
    if (bin.promises == 0) continue;
    bin.from = static_cast<double>(i) / kBins;
    bin.to = static_cast<double>(i + 1) / kBins;
    bin.mean_confidence /= static_cast<double>(bin.promises);
    bin.share_kept /= static_cast<double>(bin.promises);
    filled.push_back(bin);
  }
  return filled;
}

double ShareCalibrated(std::span<const Promise> promises, double tolerance) {
  if (promises.empty()) return 0;
  double within = 0;
  for (const auto& bin : Reliability(promises)) {
    if (std::abs(bin.mean_confidence - bin.share_kept) > tolerance) continue;
    within += static_cast<double>(bin.promises);
  }
  return within / static_cast<double>(promises.size());
}

}  // namespace plimsoll::replay
