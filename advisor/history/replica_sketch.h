// SPDX-License-Identifier: Apache-2.0
//
// Peaks of single pods, so that one replica far above the others is told from all being large.
// Eight pods are kept: those with the smallest fingerprints, which is a fair sample whoever merges
// it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "advisor/history/log_code.h"
#include "advisor/history/slots.h"

namespace plimsoll::history {

struct PodPeak {
  std::uint32_t pod = 0;  // fingerprint of the pod's UID; 0: unused
  LogCode peak = kNoData;
  std::uint16_t last_day = 0;  // days since 1970
  friend bool operator==(const PodPeak&, const PodPeak&) = default;
};

class ReplicaSketch {
 public:
  static constexpr std::size_t kPods = 8;
  static constexpr int kDaysRemembered = 7;

  void Observe(std::uint32_t pod, Day day, LogCode peak);
  void Merge(const ReplicaSketch& other);

  // Median peak of the sampled pods; kNoData for fewer than three, which have no "others".
  [[nodiscard]] LogCode MedianPeak(Day today) const;

  template <class Archive>
  void Visit(Archive& archive) {
    for (PodPeak& pod : pods_) {
      archive(pod.pod);
      archive(pod.peak);
      archive(pod.last_day);
    }
  }
  friend bool operator==(const ReplicaSketch&, const ReplicaSketch&) = default;

 private:
  std::array<PodPeak, kPods> pods_{};  // ascending by fingerprint, unused ones last
};

}  // namespace plimsoll::history
