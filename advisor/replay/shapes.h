// SPDX-License-Identifier: Apache-2.0
//
// The strokes that families are drawn with.
#pragma once

#include <algorithm>
#include <cmath>

#include "advisor/replay/demand.h"
#include "advisor/replay/random.h"

namespace plimsoll::replay {

// `minutes` of base * shape(minute), with the autoregressive noise of real services: about 2 %
// with a memory of half an hour, and peaks within the minute of about 1 %.
template <class Shape>
void Fill(Workload& workload, std::int64_t minutes, Random& random, Shape shape) {
  workload.minutes.resize(static_cast<std::size_t>(minutes));
  double noise = 0;
  for (std::int64_t t = 0; t < minutes; ++t) {
    noise = 0.97 * noise + 0.02 * std::sqrt(1 - 0.97 * 0.97) * random.Normal();
    const double level = workload.traits.base * shape(t) * std::exp(noise);
    Minute& minute = workload.minutes[static_cast<std::size_t>(t)];
    minute.level = static_cast<float>(level);
    minute.peak = static_cast<float>(level * (1 + 0.01 * random.Uniform()));
  }
}

// File cache that the workload would fill, and the part it needs.
template <class Wanted>
void Cache(Workload& workload, Wanted wanted, double needed) {
  for (std::size_t t = 0; t < workload.minutes.size(); ++t) {
    workload.minutes[t].cache = static_cast<float>(wanted(static_cast<std::int64_t>(t)));
    workload.minutes[t].needed_cache = static_cast<float>(needed);
  }
}

// Demand times `factor` for `length` minutes, reached `rise_s` seconds into the first.
void Spike(Workload& workload, std::int64_t from, std::int64_t length, double factor,
           double rise_s);

// One minute with a peak of `factor` that no minute's end shows.
void InMinutePeak(Workload& workload, std::int64_t at, double factor, double rise_s);

// Every rise of more than 3 % within a minute takes `rise_s` seconds instead of the whole minute.
void FastRises(Workload& workload, double rise_s);

[[nodiscard]] double HighestOfFirstDays(const Workload& workload, int days);

}  // namespace plimsoll::replay
