// SPDX-License-Identifier: Apache-2.0
//
// What the unseen families are drawn with: a week that begins anywhere, noise whose size and
// memory belong to the program, and events at random times. Draws are one to a statement: the order
// of arguments is the compiler's, and a seed must give the same workload everywhere.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "advisor/replay/demand.h"
#include "advisor/replay/random.h"

namespace plimsoll::replay::unseen {

inline constexpr std::int64_t kHour = 60;
inline constexpr std::int64_t kDay = 24 * kHour;
inline constexpr std::int64_t kWeek = 7 * kDay;
inline constexpr std::int64_t kWorkingMinutes = kHour * 9 * 5;  // of a week: 9 to 18 h on five days

// Users' week: days 0 to 4 are worked. The workload's first minute is anywhere in it, since
// clusters keep UTC and users do not.
class Calendar {
 public:
  explicit Calendar(Random& random) : offset_(random.Below(kWeek)) {}

  [[nodiscard]] std::int64_t MinuteOfDay(std::int64_t t) const { return (t + offset_) % kDay; }
  [[nodiscard]] bool Weekend(std::int64_t t) const { return (t + offset_) % kWeek >= 5 * kDay; }
  [[nodiscard]] bool Working(std::int64_t t) const {
    const auto minute = MinuteOfDay(t);
    return !Weekend(t) && minute >= 9 * kHour && minute < 18 * kHour;
  }
  // Load by users: 0 in the small hours, 1 at the height of a weekday, `weekend` of that else.
  [[nodiscard]] double Load(std::int64_t t, double weekend) const {
    const double day = 2 * std::numbers::pi * static_cast<double>(MinuteOfDay(t)) / kDay;
    return (Weekend(t) ? weekend : 1.0) * 0.5 * (1 - std::cos(day));
  }

 private:
  std::int64_t offset_;
};

// log(level) wanders by `deviation`, forgetting within `memory_minutes`; the highest second of a
// minute is up to `ripple` above its end.
struct Noise {
  double deviation = 0.01;
  double memory_minutes = 60;
  double ripple = 0.01;
};

// `minutes` of base * shape(minute) with that noise.
template <class Shape>
void Draw(Workload& workload, std::int64_t minutes, Random& random, const Noise& noise,
          Shape shape) {
  const double keep = std::exp(-1 / noise.memory_minutes);
  const double fresh = noise.deviation * std::sqrt(1 - keep * keep);
  double wander = noise.deviation * random.Normal();
  workload.minutes.resize(static_cast<std::size_t>(minutes));
  for (std::int64_t t = 0; t < minutes; ++t) {
    wander = keep * wander + fresh * random.Normal();
    const double shaped = shape(t);
    const double level = workload.traits.base * shaped * std::exp(wander);
    Minute& minute = workload.minutes[static_cast<std::size_t>(t)];
    minute.level = static_cast<float>(level);
    minute.peak = static_cast<float>(level * (1 + noise.ripple * random.Uniform()));
  }
}

// Minutes until the next of events that come `mean` minutes apart on average, at least 1.
inline std::int64_t Wait(Random& random, double mean) {
  return 1 + static_cast<std::int64_t>(-mean * std::log(1 - random.Uniform()));
}

// exp(deviation * N(0, 1)), between 1 / most and most.
inline double LogNormal(Random& random, double deviation, double most) {
  return std::clamp(std::exp(deviation * random.Normal()), 1 / most, most);
}

// What a release does to the need: 3 % as a rule, 15 % one time in ten.
inline double ReleaseChange(Random& random) {
  const double deviation = random.Uniform() < 0.1 ? 0.15 : 0.03;
  return LogNormal(random, deviation, 1.5);
}

}  // namespace plimsoll::replay::unseen
