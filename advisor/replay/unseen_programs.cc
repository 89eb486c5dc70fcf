// SPDX-License-Identifier: Apache-2.0
//
// Unseen families after one well-known kind of program each: an index, a cache, a controller, a
// shop.
#include <algorithm>
#include <cmath>

#include "advisor/replay/shapes.h"
#include "advisor/replay/unseen_families.h"
#include "advisor/replay/unseen_strokes.h"

namespace plimsoll::replay::unseen {

// A search index: grows 0.1-1 % a day, and every 2-12 h merges segments, 1.1-1.5 times for
// 5-40 min.
void SearchIndex(Workload& w, std::int64_t n, Random& r) {
  const double growth = r.LogBetween(0.001, 0.01);
  const double mean = kHour * r.LogBetween(2, 12);
  const double most = r.Between(0.1, 0.5);
  std::int64_t next = Wait(r, mean);
  std::int64_t until = 0;
  double extra = 0;
  Draw(w, n, r, {.deviation = 0.01, .memory_minutes = 120}, [&](std::int64_t t) {
    if (t == next) {
      extra = most * r.Between(0.3, 1);
      until = t + 5 + r.Below(35);
      next = t + Wait(r, mean);
    }
    return std::pow(1 + growth, static_cast<double>(t) / kDay) + (t < until ? extra : 0.0);
  });
}

// Forked workers that keep what each request took and are replaced after so many requests: a saw
// of 2-30 h with a height of 10-60 %, by users' load.
void PythonWorkers(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double height = r.Between(0.1, 0.6);
  const double period = kHour * r.LogBetween(2, 30);
  const double night = r.Between(0.1, 0.7);
  double held = r.Uniform();
  Draw(w, n, r, {.deviation = 0.02, .memory_minutes = 30, .ripple = 0.03}, [&](std::int64_t t) {
    held += (night + (1 - night) * calendar.Load(t, 0.5)) / period;
    if (held > 1) held = 0;
    return 1 + height * held;
  });
}

// Stream processing: state of windows of 1-24 h that is dropped at their end, as large as the
// load of that time.
void StreamWindows(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const auto window = static_cast<std::int64_t>(kHour * r.LogBetween(1, 24));
  const double state = r.Between(0.2, 1.5);
  double held = 0;
  Draw(w, n, r, {.deviation = 0.02, .memory_minutes = 60}, [&](std::int64_t t) {
    if (t % window == 0) held = 0;
    held += (0.3 + 0.7 * calendar.Load(t, 0.7)) / static_cast<double>(window);
    return 1 + state * held;
  });
}

// An in-memory cache that fills to its configured maximum in 1-20 days and copies itself for a
// snapshot: 5-40 % more for 2-15 min, every 6-24 h. A release now and then empties it.
void ObjectCache(Workload& w, std::int64_t n, Random& r) {
  const double fill = kDay * r.LogBetween(1, 20);
  const auto every = static_cast<std::int64_t>(kHour * r.LogBetween(6, 24));
  const auto length = 2 + r.Below(13);
  const double copied = r.Between(0.05, 0.4);
  const double empty = r.Between(0.1, 0.4);
  const double releases = kDay * r.LogBetween(7, 40);
  std::int64_t begun = 0;
  std::int64_t next = Wait(r, releases);
  Draw(w, n, r, {.deviation = 0.003, .memory_minutes = 600, .ripple = 0.003}, [&](std::int64_t t) {
    if (t == next) {
      w.release_minutes.push_back(t);
      begun = t;
      next = t + Wait(r, releases);
    }
    const double full = 1 - (1 - empty) * std::exp(-3 * static_cast<double>(t - begun) / fill);
    return full * (1 + (t % every < length ? copied : 0.0));
  });
}

// Quiet all day; a dump every night, 1.2-3 times for 10-120 min, a larger one each week.
void NightlyBackup(Workload& w, std::int64_t n, Random& r) {
  const auto at = r.Below(kDay);
  const auto length = static_cast<std::int64_t>(r.LogBetween(10, 120));
  const double factor = r.Between(0.2, 2);
  const double weekly = r.Between(1, 1.6);
  const auto full_day = r.Below(7);
  const double ramp = r.LogBetween(1, 20);
  Draw(w, n, r, {.deviation = 0.01, .memory_minutes = 60}, [&](std::int64_t t) {
    const auto within = (t + kDay - at) % kDay;
    const bool full = (t - within) / kDay % 7 == full_day;
    if (within >= length) return 1.0;
    const double reached = std::min(1.0, static_cast<double>(within + 1) / ramp);
    return 1 + factor * (full ? weekly : 1.0) * reached;
  });
}

// A person's notebook: idle, then frames of log-normal size that stay for hours, in office hours.
void NotebookUsers(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double mean = kHour * r.LogBetween(1, 8);
  const double deviation = r.Between(0.4, 1);
  double held = 0;
  std::int64_t next = Wait(r, mean);
  std::int64_t until = 0;
  Draw(w, n, r, {.deviation = 0.005, .memory_minutes = 60}, [&](std::int64_t t) {
    if (t >= next) {
      if (calendar.Working(t)) {
        held = 0.4 * LogNormal(r, deviation, 6);
        until = t + 10 + r.Below(5 * kHour);
      }
      next = t + Wait(r, mean);
    }
    return 0.3 + (t < until ? held : 0.0);
  });
}

// A controller: a resync every 1-12 h lists the whole world again, 1.2-2.5 times within seconds
// for a minute or two; the world grows or shrinks slowly. Restarted by a node drain now and then.
void ControllerResync(Workload& w, std::int64_t n, Random& r) {
  const auto every = static_cast<std::int64_t>(kHour * r.LogBetween(1, 12));
  const double factor = r.Between(0.2, 1.5);
  const double drift = r.Between(-0.004, 0.01);
  const double drains = kDay * r.LogBetween(5, 30);
  std::int64_t next = Wait(r, drains);
  Draw(w, n, r, {.deviation = 0.01, .memory_minutes = 300}, [&](std::int64_t t) {
    if (t == next) {
      w.start_minutes.push_back(t);
      next = t + Wait(r, drains);
    }
    const double world = std::pow(1 + drift, static_cast<double>(t) / kDay);
    return world * (1 + (t % every < 2 ? factor : 0.0));
  });
  FastRises(w, 10);
}

// A time series store: a head block that fills for two hours, 10-60 %, and series that step up
// with what is deployed in the cluster (2-10 % every 1-6 days) and are dropped after weeks.
void MetricsStore(Workload& w, std::int64_t n, Random& r) {
  const double head = r.Between(0.1, 0.6);
  const double mean = kDay * r.LogBetween(1, 6);
  double series = 1;
  std::int64_t next = Wait(r, mean);
  Draw(w, n, r, {.deviation = 0.01, .memory_minutes = 30}, [&](std::int64_t t) {
    if (t == next) {
      series *= r.Uniform() < 0.6 ? r.Between(1.02, 1.1) : r.Between(0.93, 1);
      next = t + Wait(r, mean);
    }
    return series * (1 + head * static_cast<double>(t % (2 * kHour)) / (2 * kHour));
  });
}

// Requests that each need a buffer of Pareto size, more of them by day; gone within the minute.
void ImageResizer(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double shape = r.Between(1.8, 3);
  const double size = r.Between(0.02, 0.15);
  Draw(w, n, r, {.deviation = 0.02, .memory_minutes = 20}, [&](std::int64_t t) {
    const double rate = 0.2 + 1.8 * calendar.Load(t, 0.6);
    double extra = 0;
    for (double left = rate; left > r.Uniform(); left -= 1) {
      extra += size * std::min(r.Pareto(shape), 20.0);
    }
    return 1 + extra;
  });
  FastRises(w, 12);
}

// A shop: users' days, and 1-3 campaigns a month that bring 1.3-2.2 times for 4-48 h.
void Campaigns(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.1, 0.6);
  const double mean = kDay * r.LogBetween(10, 30);
  std::int64_t next = Wait(r, mean);
  std::int64_t until = 0;
  double factor = 1;
  Draw(w, n, r, {.deviation = 0.02, .memory_minutes = 120}, [&](std::int64_t t) {
    if (t == next) {
      factor = r.Between(1.3, 2.2);
      until = t + 4 * kHour + r.Below(44 * kHour);
      next = until + Wait(r, mean);
    }
    return 1 + swing * calendar.Load(t, 0.8) * (t < until ? factor : 1.0) +
           (t < until ? factor - 1 : 0.0);
  });
}

// One of two or three peers: when another fails, every 5-25 days, its share comes here within a
// minute for 10 min to 6 h.
void FailoverPeer(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double share = r.Uniform() < 0.5 ? 1.0 : 0.5;
  const double by_load = r.Between(0.2, 0.7);
  const double mean = kDay * r.LogBetween(5, 25);
  std::int64_t next = Wait(r, mean);
  std::int64_t until = 0;
  Draw(w, n, r, {.deviation = 0.015, .memory_minutes = 90}, [&](std::int64_t t) {
    if (t == next) {
      until = t + static_cast<std::int64_t>(r.LogBetween(10, 360));
      next = until + Wait(r, mean);
    }
    const double load = 0.4 + 0.6 * calendar.Load(t, 0.6);
    return 1 - by_load + by_load * load * (t < until ? 1 + share : 1.0);
  });
}

// A service whose need steps by flags that are turned on and off: 2-25 %, every 1-10 days, some
// back within the hour; deployed weekly with what releases change.
void FeatureFlags(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.05, 0.4);
  const double mean = kDay * r.LogBetween(1, 10);
  double level = 1;
  double before = 1;
  std::int64_t back = -1;
  std::int64_t next = Wait(r, mean);
  Draw(w, n, r, {.deviation = 0.015, .memory_minutes = 60}, [&](std::int64_t t) {
    if (t > 0 && t % kWeek == 0) {
      w.release_minutes.push_back(t);
      level *= ReleaseChange(r);
    }
    if (t == back) level = before;
    if (t == next) {
      before = level;
      const double step = r.Between(1.02, 1.25);
      level = std::clamp(r.Uniform() < 0.5 ? level * step : level / step, 0.4, 2.5);
      back = r.Uniform() < 0.3 ? t + 5 + r.Below(55) : -1;
      next = t + 60 + Wait(r, mean);
    }
    return level * (1 + swing * calendar.Load(t, 0.5));
  });
}

}  // namespace plimsoll::replay::unseen
