// SPDX-License-Identifier: Apache-2.0
//
// What an application would use if it had memory enough: the truth that the simulator confronts an
// engine with. A minute is told by its shape, so that it can be played second by second where that
// matters and in one step where it does not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll::replay {

// Bytes as float: 24 bits of mantissa are 256 B in 4 GiB.
struct Minute {
  float level = 0;         // hard memory at the end of the minute; 0: not running
  float peak = 0;          // the highest second, >= level
  float rise_s = 60;       // seconds from the minute's start until the peak is reached, 1..60
  float cache = 0;         // file cache it would fill
  float needed_cache = 0;  // the part of it that it reads again and again
};

// What a container does when it starts, apart from the minute's own demand.
struct Startup {
  double factor = 1;        // demand is multiplied by this ...
  double minutes = 0;       // ... while the container is younger than this
  double from = 1;          // demand grows from this share of itself ...
  double warm_minutes = 0;  // ... to all of it within these minutes
};

// What belongs to the application rather than to a minute.
struct Traits {
  double base = 0;  // bytes; what the family's shape is scaled by
  Startup startup;
  double leak_per_day = 0;      // hard memory grows by this share of base a day, from every start
  double initial_limit = 0;     // bytes, request = limit: what the user had set
  double active_share = 0.5;    // of the cache: counts as working set
  double huge_page_factor = 1;  // hard memory grows by this from huge_page_minute on
  std::int64_t huge_page_minute = 0;  // 0: never
};

struct Workload {
  std::string family;
  std::uint64_t seed = 0;
  Traits traits;
  std::vector<Minute> minutes;
  std::int64_t restart_every_minutes = 0;     // a planned restart; 0: never
  bool restart_is_release = false;            // each planned restart brings a new image
  std::vector<std::int64_t> release_minutes;  // further releases (with a restart)
  std::vector<std::int64_t> start_minutes;    // further restarts without a release

  [[nodiscard]] bool RestartsAt(std::int64_t minute) const;
  [[nodiscard]] bool ReleasesAt(std::int64_t minute) const;
};

}  // namespace plimsoll::replay
