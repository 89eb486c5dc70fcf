// SPDX-License-Identifier: Apache-2.0
//
// Unseen families that use memory in their runtime's way: heaps that are resized, generations that
// fill, pages that cease to be shared, and a leak that a probe ends.
#include <algorithm>
#include <cmath>
#include <vector>

#include "advisor/replay/shapes.h"
#include "advisor/replay/unseen_families.h"
#include "advisor/replay/unseen_strokes.h"

namespace plimsoll::replay::unseen {
namespace {

// One of RailsCow's processes.
struct Worker {
  double served = 0;  // of the requests after which it is replaced
  double kept = 0;    // by its heap, of its first size, after an export
};

}  // namespace

// A Java service: classes are loaded for 5-40 min of a start; what lives follows load (10-80 %) and
// the heap is committed to 5-40 % above it within 5-60 min. What is promoted by mistake adds 3-30 %
// a day. Only a full collection, every 6 h to 6 days or when the heap is at its maximum, gives
// back. Released every one to three weeks in working hours.
void JvmFullGc(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.1, 0.8);
  const double weekend = r.Between(0.2, 0.9);
  const double headroom = r.Between(1.05, 1.4);
  const double adapt = r.LogBetween(5, 60);
  const double promoted = r.LogBetween(0.03, 0.3) / kDay;
  const double mean = kHour * r.LogBetween(6, 144);
  const double most = (1 + swing) * headroom * r.Between(1.05, 1.3);
  const auto gap = static_cast<std::int64_t>(kWorkingMinutes * r.Between(1, 3));
  w.traits.startup.from = r.Between(0.35, 0.7);
  w.traits.startup.warm_minutes = r.LogBetween(5, 40);
  const Noise noise{.deviation = r.LogBetween(0.002, 0.01), .memory_minutes = 120};
  double release = 1;
  double garbage = 0;
  double committed = headroom;
  std::int64_t collection = Wait(r, mean);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    const bool released = t > 0 && calendar.Working(t) && r.Below(gap) == 0;
    if (released) {
      release = std::clamp(release * ReleaseChange(r), 0.6, 1.6);
      w.release_minutes.push_back(t);
    }
    const double load = calendar.Load(t, weekend);
    garbage += promoted * (0.3 + 1.4 * load);
    const double wanted = headroom * (1 + swing * load) + garbage;
    committed += std::max(0.0, wanted - committed) / adapt;
    if (released || t == collection || committed >= most) {
      garbage = 0;
      committed = headroom * (1 + swing * load);
      collection = t + Wait(r, mean);
    }
    return release * committed;
  });
}

// A Node.js API: the old space fills by load within 20 min to 8 h, 8-60 %, and is marked and swept;
// what closures and caches hold on to creeps by up to 3 % a day until the next of 2-8 deploys in a
// working week; what deploys add is mended by later ones. The young generation ripples within
// seconds.
void NodeApi(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double height = r.LogBetween(0.08, 0.6);
  const double fill = r.LogBetween(20, 8 * kHour);
  const double weekend = r.Between(0.2, 0.8);
  const double sessions = r.Between(0, 0.25);
  const double creep = r.Between(0, 0.03) / kDay;
  const auto gap = static_cast<std::int64_t>(kWorkingMinutes / r.Between(2, 8));
  w.traits.startup.from = r.Between(0.5, 0.85);
  w.traits.startup.warm_minutes = r.LogBetween(5, 60);
  const Noise noise{.deviation = r.LogBetween(0.005, 0.02),
                    .memory_minutes = 30,
                    .ripple = r.Between(0.01, 0.06)};
  double release = 1;
  double held = r.Uniform();
  double kept = 0;
  double until = 1;
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t > 0 && calendar.Working(t) && r.Below(gap) == 0) {
      release = std::pow(release, 0.9) * ReleaseChange(r);
      w.release_minutes.push_back(t);
      held = kept = 0;
    }
    const double load = calendar.Load(t, weekend);
    kept += creep;
    held += (0.2 + 1.6 * load) / fill;
    if (held > until) {
      held = 0;
      until = r.Between(0.85, 1.1);
    }
    return release * (1 + kept + sessions * load + height * held);
  });
  FastRises(w, r.LogBetween(5, 40));
}

// Rails with 2-8 forked workers: the parent's pages are shared at first (45-80 % of it all) and
// copied within 1-24 h; each worker grows by load, 10-60 % in 6 h to 4 days, and is then replaced;
// once in 1-6 days one exports a table and keeps what that took, 10-40 % of itself, until then.
// Deployed 1-6 times a working week.
void RailsCow(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const auto count = 2 + r.Below(7);
  const double growth = r.Between(0.1, 0.6);
  const double life = kHour * r.LogBetween(6, 96);
  const double weekend = r.Between(0.1, 0.7);
  const double exported = r.Between(0.1, 0.4);
  const double exports = kDay * r.LogBetween(1, 6);
  const auto gap = static_cast<std::int64_t>(kWorkingMinutes / r.Between(1, 6));
  w.traits.startup.from = r.Between(0.45, 0.8);
  w.traits.startup.warm_minutes = kHour * r.LogBetween(1, 24);
  const Noise noise{.deviation = r.LogBetween(0.003, 0.015), .memory_minutes = 45};
  std::vector<Worker> workers(static_cast<std::size_t>(count));
  for (Worker& worker : workers) worker.served = r.Uniform();
  double release = 1;
  std::int64_t next = Wait(r, exports);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    if (t > 0 && calendar.Working(t) && r.Below(gap) == 0) {
      release = std::pow(release, 0.9) * ReleaseChange(r);
      w.release_minutes.push_back(t);
      std::ranges::fill(workers, Worker{});
    }
    if (t == next) {
      workers[static_cast<std::size_t>(r.Below(count))].kept = exported;
      next = t + Wait(r, exports);
    }
    const double served = (0.2 + 1.6 * calendar.Load(t, weekend)) / life;
    double grown = 0;
    for (Worker& worker : workers) {
      worker.served += served * r.Between(0.5, 1.5);
      if (worker.served > 1) worker = {};
      grown += growth * worker.served + worker.kept;
    }
    return release * (1 + grown / static_cast<double>(count));
  });
}

// A service that nobody has time to mend: it leaks 10-80 % of itself a day, collects ever longer
// and fails its liveness probe at 1.4-2.2 times its first level, 4 % apart from one time to the
// next. Released every two to six weeks on average.
void LeakyProbed(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.02, 0.2);
  const double releases = kWeek * r.Between(2, 6);
  const double leak = r.LogBetween(0.1, 0.8);
  const double failing = r.Between(0.4, 1.2);
  w.traits.leak_per_day = leak;
  const Noise noise{.deviation = r.LogBetween(0.005, 0.02), .memory_minutes = 60};
  double leaked = 0;
  double until = failing * LogNormal(r, 0.04, 1.2);
  std::int64_t next = Wait(r, releases);
  Draw(w, n, r, noise, [&](std::int64_t t) {
    leaked += leak / kDay;
    const bool released = t == next;
    if (released) {
      w.release_minutes.push_back(t);
      next = t + Wait(r, releases);
    } else if (leaked >= until) {
      w.start_minutes.push_back(t);
    }
    if (released || leaked >= until) {
      leaked = 0;
      until = failing * LogNormal(r, 0.04, 1.2);
    }
    return 1 + swing * calendar.Load(t, 0.5);
  });
  // Whoever set the limit had seen it leak: it lives until the probe fails.
  w.traits.initial_limit =
      r.Between(1.2, 2) * (HighestOfFirstDays(w, 3) + 1.2 * failing * w.traits.base);
}

}  // namespace plimsoll::replay::unseen
