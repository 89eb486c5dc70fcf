// SPDX-License-Identifier: Apache-2.0
//
// Unseen families of what platforms run beside and for their users: a proxy in each pod, models
// served and trained, games, a broker, a shipper of logs.
#include <algorithm>
#include <cmath>

#include "advisor/replay/shapes.h"
#include "advisor/replay/unseen_families.h"
#include "advisor/replay/unseen_strokes.h"

namespace plimsoll::replay::unseen {
namespace {

// An experiment of a TrainingEpochs workload.
struct Experiment {
  double size = 1;
  double loaders = 0.3;     // of it: the processes that load batches
  double checkpoint = 0.2;  // of it: the copy that is written
  double creep = 0;         // of it, a day
  std::int64_t epoch = kHour;
  std::int64_t epochs_per_checkpoint = 1;
  std::int64_t from = 0;
  std::int64_t until = 0;

  // At `t`, `ramp` minutes being what the data takes to load.
  [[nodiscard]] double Need(std::int64_t t, double ramp) const {
    const auto age = t - from;
    const auto within = age % epoch;
    const bool validates = within >= epoch - epoch / 10;
    const auto ended = age / epoch;
    const bool writes = within < 3 && ended > 0 && ended % epochs_per_checkpoint == 0;
    const double respawned = std::min(1.0, static_cast<double>(within + 1) / 3);
    const double batches = loaders * (validates ? 0.6 : respawned);
    const double data = std::min(1.0, static_cast<double>(age + 1) / ramp);
    const double crept = creep * static_cast<double>(age) / kDay;
    return size * ((1 - loaders) * data + batches + crept + (writes ? checkpoint : 0.0));
  }
};

Experiment NextExperiment(Random& r, std::int64_t t, double deviation) {
  Experiment next;
  next.size = LogNormal(r, deviation, 2.5);
  next.loaders = r.Between(0.1, 0.5);
  next.checkpoint = r.Between(0.05, 0.5);
  next.creep = r.Between(0, 0.03);
  next.epoch = static_cast<std::int64_t>(r.LogBetween(20, 8 * kHour));
  next.epochs_per_checkpoint = 1 + r.Below(5);
  next.from = t;
  next.until = t + static_cast<std::int64_t>(r.LogBetween(8 * kHour, 6 * kDay));
  return next;
}

}  // namespace

// A mesh's proxy: every service of the cluster is in its configuration, and in working hours 0.5-8
// a day come (or, one in four, go), 0.1-1 % each. Connections add 3-40 % by load. Every day or week
// the control plane sends all of it again: 10-60 % more within seconds, drained in 2-10 min.
// Restarted with its application every 3-20 days on average.
void SidecarConfig(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.LogBetween(0.03, 0.4);
  const double service = r.LogBetween(0.001, 0.01);
  const auto gap = static_cast<std::int64_t>(kWorkingMinutes / (5 * r.LogBetween(0.5, 8)));
  const std::int64_t period = r.Uniform() < 0.5 ? kDay : kWeek;
  const auto at = r.Below(period);
  const auto drained = 2 + r.Below(9);
  const double both = r.Between(0.1, 0.6);
  const double restarts = kDay * r.LogBetween(3, 20);
  const Noise noise{.deviation = r.LogBetween(0.003, 0.02),
                    .memory_minutes = 90,
                    .ripple = r.Between(0.005, 0.03)};
  double config = 1;
  std::int64_t next = Wait(r, restarts);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      w.release_minutes.push_back(t);
      next = t + Wait(r, restarts);
    }
    if (calendar.Working(t) && r.Below(gap) == 0) {
      const bool comes = r.Uniform() < 0.75;
      config = std::max(0.6, config + (comes ? service : -service));
    }
    const bool again = (t + period - at) % period < drained;
    return config * (1 + (again ? both : 0.0)) + swing * calendar.Load(t, 0.5);
  });
  FastRises(w, r.LogBetween(3, 20));
}

// Inference of a language model, as its host sees it: weights are read through the file cache (1-3
// times its own memory, not needed after) and staged for 2-10 min of a start; a pool for prompts
// grows to the most that was ever asked at once, 20-80 %, up to its bound; up to eight adapters of
// 1-3 % are loaded when asked for. Another version every two to five weeks on average.
void LlmServer(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double pool = r.Between(0.2, 0.8);
  const double night = r.Between(0.1, 0.5);
  const double weekend = r.Between(0.4, 1);
  const double adapter = r.Between(0.01, 0.03);
  const double asked = kDay * r.LogBetween(0.1, 3);
  const double releases = kWeek * r.Between(2, 5);
  w.traits.startup.from = r.Between(0.1, 0.4);
  w.traits.startup.warm_minutes = r.LogBetween(2, 10);
  w.traits.active_share = r.Between(0.1, 0.5);
  const Noise noise{.deviation = r.LogBetween(0.002, 0.01), .memory_minutes = 60};
  double version = 1;
  double filled = 0;
  double bursts = 0;
  int adapters = 0;
  std::int64_t next = Wait(r, releases);
  std::int64_t load_adapter = Wait(r, asked);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      version = std::clamp(version * ReleaseChange(r), 0.7, 1.4);
      w.release_minutes.push_back(t);
      filled = 0;
      adapters = 0;
      next = t + Wait(r, releases);
    }
    if (t == load_adapter) {
      adapters = std::min(adapters + 1, 8);
      load_adapter = t + Wait(r, asked);
    }
    bursts = 0.9 * bursts + 0.05 * r.Normal();
    const double at_once = night + (1 - night) * calendar.Load(t, weekend) + bursts;
    filled = std::clamp(at_once, filled, 1.0);
    return version * (1 + pool * filled + adapter * adapters);
  });
  const double files = w.traits.base * r.Between(1, 3);
  Cache(w, [files](std::int64_t) { return files; }, 0);
}

// A game's world: players by evening (10-60 %), more of them at weekends, and an event once a week
// with 1.3-2.2 times as many for 2-4 h, come within 10-40 min; what they explored stays, 0.5-4 % a
// day, until the weekly maintenance. Every 10-40 days a crowd comes for hours; the slots bound it.
void GameServer(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double players = r.Between(0.1, 0.6);
  const double weekend = r.Between(1.1, 1.6);
  const double popular = r.Between(1.3, 2.2);
  const auto at = r.Below(kWeek);
  const auto length = 2 * kHour + r.Below(2 * kHour);
  const double arrival = r.Between(10, 40);
  const double slots = popular * r.Between(1.1, 1.8);
  const double crowds = kDay * r.LogBetween(10, 40);
  w.traits.leak_per_day = r.LogBetween(0.005, 0.04);
  w.restart_every_minutes = kWeek;
  w.restart_is_release = true;
  const Noise noise{.deviation = r.LogBetween(0.005, 0.02), .memory_minutes = 40};
  double crowd = 1;
  double here = 0.2;
  std::int64_t next = Wait(r, crowds);
  std::int64_t until = 0;
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      crowd = r.Between(1.3, 2.5);
      until = t + 2 * kHour + r.Below(6 * kHour);
      next = until + Wait(r, crowds);
    }
    const bool event = (t + kWeek - at) % kWeek < length;
    const double usual = 0.15 + 0.85 * calendar.Load(t, weekend);
    double goal = event ? popular * std::max(usual, 0.8) : usual;
    if (t < until) goal *= crowd;
    here += (std::min(goal, slots) - here) / arrival;
    return 1 + players * here;
  });
  // Whoever set the limit had seen a whole week.
  const double week = HighestOfFirstDays(w, 7) + 7 * w.traits.leak_per_day * w.traits.base;
  w.traits.initial_limit = r.Between(1.2, 2.2) * week;
}

// A broker: a heap that hardly moves (2-15 % by load), and a log that fills the file cache within
// 1-7 days of the retention, 3-10 times the end that readers need: 0.3-1.5 times the heap by day,
// 0.1-0.6 of that by night, up to 1 % more every day. Rolled every two to five weeks, and then 2-20
// min of recovery.
void MessageBroker(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.LogBetween(0.02, 0.15);
  w.restart_every_minutes = kHour * static_cast<std::int64_t>(24 * r.Between(14, 35));
  w.traits.startup.factor = r.Between(1, 1.25);
  w.traits.startup.minutes = r.LogBetween(2, 20);
  w.traits.active_share = r.Between(0.2, 0.7);
  const Noise noise{.deviation = r.LogBetween(0.002, 0.015), .memory_minutes = 240};
  Draw(w, n, r, noise, [&](std::int64_t t) { return 1 + swing * calendar.Load(t, 0.7); });
  const double needed = w.traits.base * r.Between(0.3, 1.5);
  const double night = r.Between(0.1, 0.6);
  const double log = r.Between(3, 10);
  const double retention = kDay * r.Between(1, 7);
  const double growth = r.Between(0, 0.01);
  for (std::int64_t t = 0; t < n; ++t) {
    Minute& minute = w.minutes[static_cast<std::size_t>(t)];
    const double topics = needed * std::pow(1 + growth, static_cast<double>(t) / kDay);
    const double filled = std::min(1.0, (static_cast<double>(t) + 1) / retention);
    const double read = night + (1 - night) * calendar.Load(t, 0.7);
    minute.needed_cache = static_cast<float>(topics * read);
    minute.cache = static_cast<float>(topics * std::max(read, log * filled));
  }
  w.traits.initial_limit = r.Between(1.2, 2.5) * (HighestOfFirstDays(w, 3) + needed);
}

// Training: data is loaded for 10-60 min, then epochs of 20 min to 8 h: the loaders are begun anew,
// validation needs fewer of them, a checkpoint is copied for 3 min after every one to five. An
// experiment lasts 8 h to 6 days; between two, 30 min to 3 days with little but the framework. The
// next is another program (a release) of another size: deviation 5-40 %.
void TrainingEpochs(Workload& w, std::int64_t n, Random& r) {
  const double idle = r.Between(0.08, 0.25);
  const double ramp = r.LogBetween(10, 60);
  const double deviation = r.LogBetween(0.05, 0.4);
  const Noise noise{.deviation = r.LogBetween(0.002, 0.01), .memory_minutes = 30};
  Experiment now = NextExperiment(r, 0, deviation);
  std::int64_t next = now.until;
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == now.until) next = t + static_cast<std::int64_t>(r.LogBetween(30, 3 * kDay));
    if (t == next) {
      now = NextExperiment(r, t, deviation);
      w.release_minutes.push_back(t);
    }
    return t < now.until ? std::max(idle, now.Need(t, ramp)) : idle;
  });
  FastRises(w, r.Between(10, 60));
}

// A shipper of logs: what it reads at once follows the node's load (5-40 %). Every 5-30 days who
// takes them is away for 5 min to 6 h (median 30 min), and a buffer of 0.5-3 times its own memory
// fills within 10 min to 4 h, by load, up to its bound; afterwards it is sent within 1-15 min.
void LogShipper(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.LogBetween(0.05, 0.4);
  const double bound = r.LogBetween(0.5, 3);
  const double fill = bound / r.LogBetween(10, 4 * kHour);
  const double drain = bound / r.LogBetween(1, 15);
  const double mean = kDay * r.LogBetween(5, 30);
  const Noise noise{.deviation = r.LogBetween(0.01, 0.04),
                    .memory_minutes = 12 * kHour,
                    .ripple = r.Between(0.005, 0.03)};
  double buffered = 0;
  std::int64_t next = Wait(r, mean);
  std::int64_t until = 0;
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t == next) {
      const double minutes = std::clamp(30 * LogNormal(r, 1, 20), 5.0, 360.0);
      until = t + static_cast<std::int64_t>(minutes);
      next = until + Wait(r, mean);
    }
    const double load = calendar.Load(t, 0.6);
    const double change = t < until ? fill * (0.4 + 0.9 * load) : -drain;
    buffered = std::clamp(buffered + change, 0.0, bound);
    return 1 + swing * load + buffered;
  });
}

}  // namespace plimsoll::replay::unseen
