// SPDX-License-Identifier: Apache-2.0
//
// Random streams of everything a container can go through, for properties that must hold whatever
// happens.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "tests/advisor/support/feed.h"

namespace plimsoll::testing {

// One thing seen, to be told to any history.
using Happening = std::function<void(history::ContainerHistory&)>;

struct World {
  std::vector<Happening> happenings;  // in time order
  TimePoint end{};
};

// `more`: bytes that every reading is higher by.
[[nodiscard]] inline World RandomWorld(std::uint32_t seed, double scale = 1, double more = 0) {
  std::mt19937 random(seed);
  const auto unit = [&random] { return static_cast<double>(random()) / 4294967296.0; };
  const double base = (4e6 + 1.5e9 * unit() * unit()) * scale;
  const double noise = 0.3 * unit();
  const double growth = unit() < 0.3 ? 0.002 * unit() : 0;
  const double spiky = unit() < 0.5 ? 0.02 : 0;
  const int hours = 2 + static_cast<int>(random() % (40 * 24));
  TimePoint started = kMonday - 20h;
  World world;
  for (int hour = 0; hour < hours; ++hour) {
    const TimePoint at = kMonday + std::chrono::hours(hour) + std::chrono::minutes(random() % 59);
    if (random() % 97 == 0) started = at - 2min;
    double demand = base * (1 + growth * hour) * (1 + noise * unit());
    if (unit() < spiky) demand *= 1 + 3 * unit();
    const double told = demand + more;
    model::MemoryDigest digest =
        Digest({.at = at, .hard = Bytes::FromDouble(told), .started = started});
    if (seed % 3 == 0) {
      digest.soft_mean = Bytes::FromDouble(base * unit());
      digest.working_set = digest.hard_mean + Bytes::FromDouble(base * 0.5 * unit());
      digest.usage = digest.hard_mean + *digest.soft_mean;
      digest.refaults = random() % 3000;
    }
    if (seed % 4 != 0) digest.rise = Bytes::FromDouble(demand * 0.2 * unit());
    if (seed % 5 == 0) digest.swap = Bytes::FromDouble(base * 0.1 * unit());
    digest.pressure = {.some = Duration(random() % 300), .full = Duration(0)};
    const std::string pod = "pod-" + std::to_string(random() % 5);
    world.happenings.push_back([=](history::ContainerHistory& h) { h.Observe(pod, digest); });
    if (random() % 150 == 0) {
      const auto kind = static_cast<model::OomKind>(random() % 6);
      const model::OomEvent kill{.id = std::to_string(hour),
                                 .kind = kind,
                                 .time = at,
                                 .limit = Bytes::FromDouble(demand * 0.9)};
      world.happenings.push_back([=](history::ContainerHistory& h) { h.Observe(kill); });
    }
    if (random() % 200 == 0) {
      const std::string release = std::to_string(hour);
      world.happenings.push_back(
          [=](history::ContainerHistory& h) { h.ObserveRelease(at, release); });
    }
    world.end = at;
  }
  return world;
}

[[nodiscard]] inline history::ContainerHistory Lived(const World& world) {
  history::ContainerHistory history;
  for (const Happening& happening : world.happenings) happening(history);
  return history;
}

}  // namespace plimsoll::testing
