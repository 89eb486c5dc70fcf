// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/shapes.h"

namespace plimsoll::replay {

void Spike(Workload& workload, std::int64_t from, std::int64_t length, double factor,
           double rise_s) {
  const auto end =
      std::min<std::int64_t>(from + length, static_cast<std::int64_t>(workload.minutes.size()));
  for (std::int64_t t = from; t < end; ++t) {
    Minute& minute = workload.minutes[static_cast<std::size_t>(t)];
    minute.level *= static_cast<float>(factor);
    minute.peak *= static_cast<float>(factor);
    if (t == from) minute.rise_s = static_cast<float>(std::clamp(rise_s, 1.0, 60.0));
  }
}

void InMinutePeak(Workload& workload, std::int64_t at, double factor, double rise_s) {
  Minute& minute = workload.minutes[static_cast<std::size_t>(at)];
  minute.peak = minute.level * static_cast<float>(factor);
  minute.rise_s = static_cast<float>(std::clamp(rise_s, 1.0, 60.0));
}

void FastRises(Workload& workload, double rise_s) {
  float before = 0;
  for (Minute& minute : workload.minutes) {
    if (minute.peak > 1.03F * before) minute.rise_s = static_cast<float>(rise_s);
    before = minute.level;
  }
}

bool Workload::ReleasesAt(std::int64_t minute) const {
  const bool planned =
      restart_every_minutes > 0 && minute > 0 && minute % restart_every_minutes == 0;
  return (planned && restart_is_release) ||
         std::binary_search(release_minutes.begin(), release_minutes.end(), minute);
}

bool Workload::RestartsAt(std::int64_t minute) const {
  const bool planned =
      restart_every_minutes > 0 && minute > 0 && minute % restart_every_minutes == 0;
  return planned || ReleasesAt(minute) ||
         std::binary_search(start_minutes.begin(), start_minutes.end(), minute);
}

double HighestOfFirstDays(const Workload& workload, int days) {
  const auto count =
      std::min<std::size_t>(static_cast<std::size_t>(days) * 1440, workload.minutes.size());
  float highest = 0;
  for (std::size_t t = 0; t < count; ++t) highest = std::max(highest, workload.minutes[t].peak);
  return highest;
}

}  // namespace plimsoll::replay
