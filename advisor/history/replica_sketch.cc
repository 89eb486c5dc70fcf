// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/replica_sketch.h"

#include <algorithm>

namespace plimsoll::history {
namespace {

// Unused slots (0) sort last.
std::uint32_t Order(const PodPeak& pod) { return pod.pod - 1U; }

}  // namespace

void ReplicaSketch::Observe(std::uint32_t pod, Day day, LogCode peak) {
  const auto place = std::ranges::lower_bound(pods_, pod - 1U, {}, Order);
  const auto when = static_cast<std::uint16_t>(std::clamp(day, 0, 0xFFFF));
  if (place != pods_.end() && place->pod == pod) {
    place->peak = std::max(place->peak, peak);
    place->last_day = std::max(place->last_day, when);
    return;
  }
  // A pod long gone makes room first.
  const auto gone = std::ranges::find_if(pods_, [&](const PodPeak& held) {
    return held.pod != 0 && held.last_day + kDaysRemembered < when;
  });
  if (gone != pods_.end()) {
    std::move(gone + 1, pods_.end(), gone);
    pods_.back() = {};
    Observe(pod, day, peak);
    return;
  }
  if (place == pods_.end()) return;
  std::move_backward(place, pods_.end() - 1, pods_.end());
  *place = {.pod = pod, .peak = peak, .last_day = when};
}

void ReplicaSketch::Merge(const ReplicaSketch& other) {
  for (const PodPeak& pod : other.pods_) {
    if (pod.pod != 0) Observe(pod.pod, pod.last_day, pod.peak);
  }
}

LogCode ReplicaSketch::MedianPeak(Day today) const {
  std::array<LogCode, kPods> peaks{};
  std::size_t count = 0;
  for (const PodPeak& pod : pods_) {
    if (pod.pod != 0 && pod.last_day + kDaysRemembered >= today) peaks[count++] = pod.peak;
  }
  if (count < 3) return kNoData;
  // Of an even number the upper one: a pair of two cannot make the larger look skewed.
  const auto middle = peaks.begin() + static_cast<std::ptrdiff_t>(count / 2);
  std::nth_element(peaks.begin(), middle, peaks.begin() + static_cast<std::ptrdiff_t>(count));
  return *middle;
}

}  // namespace plimsoll::history
