// SPDX-License-Identifier: Apache-2.0
//
// Kubernetes' Vertical Pod Autoscaler 1.7.1 for one container of a workload: what it remembers of
// each pod (one peak a 24 h window), what it recommends, and when its updater acts. This is the
// baseline that Plimsoll is measured against, so it is exact: tests/oracle/vpa compares lower
// bound, target and upper bound with VPA's own Go code to the byte. Source: VPA 1.7.1
// recommender/{model,logic,util} and updater/priority (peers.md §2).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/replay/baselines/vpa_histogram.h"

namespace plimsoll::replay {

struct VpaRecommendation {
  Bytes lower{};
  Bytes target{};
  Bytes upper{};
  friend bool operator==(const VpaRecommendation&, const VpaRecommendation&) = default;
};

// Histogram and sample counts over all pods with the same labels.
class VpaAggregate {
 public:
  // One poll of the metrics server. VPA counts its CPU samples for confidence; every poll has one.
  void CountSample(TimePoint time);
  VpaHistogram& peaks() { return peaks_; }
  // Pods whose labels differ (a StatefulSet's) have aggregates of their own, merged when asked.
  void Merge(const VpaAggregate& other);

  // `floor`: VPA's minimum (250 MiB a pod, divided by its containers); 0 for none.
  [[nodiscard]] VpaRecommendation Recommend(Bytes floor) const;

 private:
  [[nodiscard]] double Confidence() const;

  VpaHistogram peaks_;
  std::optional<TimePoint> first_sample_;
  TimePoint last_sample_{};
  std::int64_t samples_ = 0;
};

// One pod's container: its peak within the current 24 h window.
class VpaContainer {
 public:
  // Working set of one poll. Older than the last poll or negative: dropped, false.
  bool AddUsage(VpaAggregate& aggregate, TimePoint time, Bytes working_set);
  // An OOM kill at `request`: an ordinary sample of max(used + 100 MiB, used * 1.2). False when it
  // is from before the current window.
  bool AddOom(VpaAggregate& aggregate, TimePoint time, Bytes request);

 private:
  bool AddPeak(VpaAggregate& aggregate, TimePoint time, Bytes bytes, bool oom);

  Bytes memory_peak_{};
  Bytes oom_peak_{};
  std::optional<TimePoint> last_poll_;
  std::optional<TimePoint> window_end_;
  std::optional<TimePoint> last_memory_;
};

// What the updater knows of a pod when it decides.
struct VpaPod {
  std::optional<Bytes> request{};
  Duration age{};
  bool quick_oom = false;  // OOM-killed within 10 min of its start, and not yet answered
};

// Whether the updater (a loop of one minute) would act on this pod: the request is outside the
// bounds, or a quick OOM and the target differs, or the pod is 12 h old and the target differs by
// 10 % or more.
[[nodiscard]] bool VpaShouldUpdate(const VpaRecommendation& recommendation, const VpaPod& pod);

// 250 MiB for the whole pod, in equal parts. Worked: two containers -> 131072000 B each.
[[nodiscard]] Bytes VpaFloor(int containers);

}  // namespace plimsoll::replay
