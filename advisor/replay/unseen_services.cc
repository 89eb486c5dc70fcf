// SPDX-License-Identifier: Apache-2.0
//
// Unseen families that serve requests. In traces of long-running services memory is far steadier
// than CPU (Jiang et al. on Alibaba's 2018 trace), so load moves most of these by little.
#include <vector>

#include "advisor/replay/shapes.h"
#include "advisor/replay/unseen_families.h"
#include "advisor/replay/unseen_strokes.h"

namespace plimsoll::replay::unseen {

// A web application for people at work: 5-50 % more at the height of the day, weekends at 20-80 %
// of that, deployed one to four times a week in working hours, a little heavier while it starts.
void WebWeekday(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.LogBetween(0.05, 0.5);
  const double weekend = r.Between(0.2, 0.8);
  const auto gap = static_cast<std::int64_t>(kWorkingMinutes / r.Between(1, 4));
  w.traits.startup.factor = r.Between(1, 1.3);
  w.traits.startup.minutes = r.Between(1, 5);
  const Noise noise{.deviation = r.LogBetween(0.005, 0.03), .memory_minutes = 60};
  double release = 1;
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t > 0 && calendar.Working(t) && r.Below(gap) == 0) {
      release = std::clamp(release * ReleaseChange(r), 0.5, 2.0);
      w.release_minutes.push_back(t);
    }
    return release * (1 + swing * calendar.Load(t, weekend));
  });
}

// A Java service: the committed heap climbs from 30-70 % to its plateau within 2 h to 2 d of a
// start and is not given back; up to 6 % of it (direct buffers, stacks) follows load; a release
// every 3 to 14 days.
void JvmPlateau(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0, 0.06);
  w.traits.startup.from = r.Between(0.3, 0.7);
  w.traits.startup.warm_minutes = r.LogBetween(2 * kHour, 2 * kDay);
  w.restart_every_minutes = kHour * static_cast<std::int64_t>(24 * r.LogBetween(3, 14));
  w.restart_is_release = true;
  const Noise noise{.deviation = r.LogBetween(0.001, 0.01), .memory_minutes = 6 * kHour};
  Draw(w, n, r, noise, [&](std::int64_t t) { return 1 + swing * calendar.Load(t, 0.4); });
}

// A Go service: resident memory reaches the collector's goal within every minute (it collects at
// least every two) and sags 5-30 % below it; 10-50 % of the goal follows load; a release every one
// to three weeks on average.
void GoService(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.1, 0.5);
  const double weekend = r.Between(0.3, 1);
  const double sag = r.Between(0.05, 0.3);
  const double rise_s = r.Between(5, 60);
  const double gap = kWeek * r.Between(1, 3);
  const Noise noise{.deviation = r.LogBetween(0.01, 0.05), .memory_minutes = 30};
  double release = 1;
  std::int64_t next = Wait(r, gap);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      release = std::clamp(release * ReleaseChange(r), 0.5, 2.0);
      w.release_minutes.push_back(t);
      next = t + Wait(r, gap);
    }
    return release * (1 - swing * (1 - calendar.Load(t, weekend)));
  });
  for (Minute& minute : w.minutes) {
    minute.level *= static_cast<float>(1 - sag * r.Uniform());
    minute.rise_s = static_cast<float>(rise_s);
  }
}

// A proxy or API gateway: connections and buffers wander by 4-20 % with a memory of 1-12 h, over up
// to 30 % of daily swing, with ripples of 2-10 % that rise in 5-60 s; restarted every 1-4 weeks.
void ApiGateway(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0, 0.3);
  const Noise noise{.deviation = r.LogBetween(0.04, 0.2),
                    .memory_minutes = r.LogBetween(kHour, 12 * kHour),
                    .ripple = r.Between(0.02, 0.1)};
  w.restart_every_minutes = kHour * static_cast<std::int64_t>(24 * r.Between(7, 28));
  Draw(w, n, r, noise, [&](std::int64_t t) { return 1 + swing * calendar.Load(t, 0.6); });
  FastRises(w, r.Between(5, 60));
}

// A database: buffers and connections (3-20 % by load), 20-120 min of maintenance a night (+5-25
// %), and page cache that it needs, 0.5-2 times its own memory, growing 0.1-1 % a day with a data
// set 2-6 times as large.
void Database(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double connections = r.Between(0.03, 0.2);
  const double maintenance = r.Between(0.05, 0.25);
  const auto from = r.Below(6 * kHour);
  const auto until = from + 20 + r.Below(100);
  const Noise noise{.deviation = r.LogBetween(0.003, 0.02), .memory_minutes = 4 * kHour};
  Draw(w, n, r, noise, [&](std::int64_t t) {
    const auto minute = calendar.MinuteOfDay(t);
    const bool maintained = minute >= from && minute < until;
    return 1 + connections * calendar.Load(t, 0.5) + (maintained ? maintenance : 0.0);
  });
  const double needed = w.traits.base * r.Between(0.5, 2);
  const double data = r.Between(2, 6);
  const double growth = r.LogBetween(0.001, 0.01);
  for (std::int64_t t = 0; t < n; ++t) {
    const double now = needed * std::pow(1 + growth, static_cast<double>(t) / kDay);
    w.minutes[static_cast<std::size_t>(t)].needed_cache = static_cast<float>(now);
    w.minutes[static_cast<std::size_t>(t)].cache = static_cast<float>(data * now);
  }
  w.traits.active_share = r.Between(0.5, 0.9);
  w.traits.initial_limit = r.Between(1.15, 2) * (HighestOfFirstDays(w, 3) + needed);
}

// Model inference: weights are 50-85 % of it, the rest follows load; every 1-7 days a new version
// (a few per cent larger or smaller) is loaded beside the old one for 1-8 min, in 20-60 s; a start
// takes 1.1-1.6 times as much for 1-4 min.
void ModelServer(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double activations = r.Between(0.15, 0.5);
  const double period = kDay * r.LogBetween(1, 7);
  const double rise_s = r.Between(20, 60);
  w.traits.startup.factor = r.Between(1.1, 1.6);
  w.traits.startup.minutes = r.Between(1, 4);
  const Noise noise{.deviation = 0.01, .memory_minutes = 20, .ripple = r.Between(0.02, 0.08)};
  double weights = 1 - activations;
  double loaded = weights;
  auto next = static_cast<std::int64_t>(period * r.Uniform()) + 1;
  std::int64_t until = 0;
  std::vector<std::int64_t> loads;
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      loads.push_back(t);
      loaded = std::clamp(weights * LogNormal(r, 0.03, 1.2), 0.4, 1.2);
      until = t + 1 + r.Below(8);
      next = until + static_cast<std::int64_t>(period * r.Between(0.9, 1.1));
    }
    if (t == until) weights = loaded;
    const double both = t < until ? weights + loaded : weights;
    return both + activations * (0.5 + 0.5 * calendar.Load(t, 0.7));
  });
  for (const auto t : loads) {
    w.minutes[static_cast<std::size_t>(t)].rise_s = static_cast<float>(rise_s);
  }
}

// One replica of a leader and its followers: as a follower it needs 35-85 % of the leader's, roles
// change every 3-14 days on average (half the time because a leader was restarted), and the change
// takes 1-60 min.
void RoleSwap(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double follower = r.Between(0.35, 0.85);
  const double swing = r.Between(0, 0.2);
  const double mean = kDay * r.LogBetween(3, 14);
  const double step = (1 - follower) / r.LogBetween(1, 60);
  const Noise noise{.deviation = r.LogBetween(0.005, 0.03), .memory_minutes = 60};
  bool leads = r.Uniform() < 0.4;
  double level = leads ? 1 : follower;
  std::int64_t next = Wait(r, mean);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      if (leads && r.Uniform() < 0.5) w.start_minutes.push_back(t);
      leads = !leads;
      next = t + Wait(r, mean);
    }
    const double goal = leads ? 1 : follower;
    level += std::clamp(goal - level, -step, step);
    return level * (1 + swing * calendar.Load(t, 0.6));
  });
}

}  // namespace plimsoll::replay::unseen
