// SPDX-License-Identifier: Apache-2.0
//
// Short ways to tell a history what happened, for tests: times count from a Monday, 00:00 UTC.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/history/container_history.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"

namespace plimsoll::testing {

using namespace std::chrono_literals;
using namespace literals;

inline constexpr TimePoint kMonday{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

struct Reading {
  TimePoint at{};
  Bytes hard{};
  Duration window = 15s;
  TimePoint started = kMonday - 240h;
};

[[nodiscard]] inline model::MemoryDigest Digest(const Reading& reading) {
  return {.window_start = reading.at - reading.window,
          .window_end = reading.at,
          .samples = 15,
          .hard_peak = reading.hard,
          .hard_mean = reading.hard,
          .usage = reading.hard,
          .container_start = reading.started};
}

inline void Read(history::ContainerHistory& history, TimePoint at, Bytes hard,
                 std::string_view pod = "pod-1") {
  history.Observe(pod, Digest({.at = at, .hard = hard}));
}

// One reading an hour at this level, for whole days.
inline void ReadDays(history::ContainerHistory& history, int first_day, int days, Bytes hard) {
  for (int hour = first_day * 24; hour < (first_day + days) * 24; ++hour) {
    Read(history, kMonday + std::chrono::hours(hour) + 30min, hard);
  }
}

[[nodiscard]] inline model::OomEvent Kill(TimePoint at, Bytes limit, std::string id) {
  return {.id = std::move(id), .kind = model::OomKind::kContainerOom, .time = at, .limit = limit};
}

}  // namespace plimsoll::testing
