// SPDX-License-Identifier: Apache-2.0
//
// Unseen families whose need comes with their work: batches, reports, queues, jobs, customers.
#include <vector>

#include "advisor/replay/shapes.h"
#include "advisor/replay/unseen_families.h"
#include "advisor/replay/unseen_strokes.h"

namespace plimsoll::replay::unseen {

// A worker that loads what the last hour brought: idle at 10-50 %, then 3-30 min at a log-normal
// size (deviation 10-40 %, at most four times), larger by day than by night, reached in 1-5 min.
void HourlyEtl(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double idle = r.Between(0.1, 0.5);
  const double deviation = r.Between(0.1, 0.4);
  const double by_day = r.Between(0, 0.5);
  const auto at = r.Below(kHour);
  const auto length = static_cast<std::int64_t>(r.LogBetween(3, 30));
  const double ramp = r.Between(1, 5);
  double size = 1;
  Draw(w, n, r, {}, [&](std::int64_t t) {
    const auto within = (t + kHour - at) % kHour;
    if (within == 0) {
      const double load = 1 - by_day * (1 - calendar.Load(t, 0.6));
      size = load * LogNormal(r, deviation, 4);
    }
    if (within >= length) return idle;
    return idle + (1 - idle) * size * std::min(1.0, static_cast<double>(within + 1) / ramp);
  });
}

// Back-office software with a report every 14 or 30 days: 1-8 h at 1.3-2.5 times (8 % apart from
// one to the next), reached in 5-60 min; little to do between.
void CloseReport(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.02, 0.2);
  const std::int64_t period = r.Uniform() < 0.5 ? 14 * kDay : 30 * kDay;
  const auto at = r.Below(period);
  const auto length = kHour + r.Below(7 * kHour);
  const double factor = r.Between(1.3, 2.5);
  const double ramp = r.LogBetween(5, 60);
  double extra = 0;
  Draw(w, n, r, {}, [&](std::int64_t t) {
    const auto within = (t + period - at) % period;
    if (within == 0) extra = factor * LogNormal(r, 0.08, 1.25) - 1;
    const double quiet = 1 + swing * calendar.Load(t, 0.1);
    if (t < at || within >= length) return quiet;
    return quiet + extra * std::min(1.0, static_cast<double>(within + 1) / ramp);
  });
}

// Software as a service: every 2-8 days on average a tenant comes (six of seven) or goes, 2-15 % of
// the first need each, taken up within 1-48 h; half of these are deployed weekly, half never.
void Tenants(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.03, 0.2);
  const double mean = kDay * r.LogBetween(2, 8);
  if (r.Uniform() < 0.5) {
    w.restart_every_minutes = kWeek;
    w.restart_is_release = true;
  }
  double tenants = 1;
  double goal = 1;
  double step = 0;
  std::int64_t next = Wait(r, mean);
  Draw(w, n, r, {}, [&](std::int64_t t) {
    if (t == next) {
      const bool comes = r.Uniform() < 6.0 / 7;
      const double size = r.LogBetween(0.02, 0.15);
      goal = std::max(0.5, goal + (comes ? size : -size));
      step = std::abs(goal - tenants) / r.LogBetween(kHour, 2 * kDay);
      next = t + Wait(r, mean);
    }
    tenants += std::clamp(goal - tenants, -step, step);
    return tenants * (1 + swing * calendar.Load(t, 0.5));
  });
}

// A service that answers by asking others (search, feeds, exports): 3-40 large answers a day, more
// by day, each 3-12 % times Pareto(1.8-3), at most three times the level, gone within minutes,
// risen in 2-30 s.
void FanOut(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.05, 0.3);
  const double rate = r.LogBetween(3, 40) / kDay;
  const double scale = r.LogBetween(0.03, 0.12);
  const double alpha = r.Between(1.8, 3);
  const double keep = r.Between(0.2, 0.9);
  double extra = 0;
  Draw(w, n, r, {}, [&](std::int64_t t) {
    const double load = calendar.Load(t, 0.6);
    extra *= keep;
    if (r.Uniform() < rate * (0.4 + 1.2 * load)) {
      extra = std::min(3.0, extra + scale * r.Pareto(alpha));
    }
    return 1 + swing * load + extra;
  });
  FastRises(w, r.LogBetween(2, 30));
}

// A service that leaks 0.5-6 % a day and is saved by being deployed every 2-9 days on average, in
// working hours; two in five live through a freeze of 10-16 days without a deploy.
void LeakAndDeploys(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double swing = r.Between(0.02, 0.15);
  const auto gap = static_cast<std::int64_t>(r.LogBetween(2, 9) * kWorkingMinutes / 7);
  w.traits.leak_per_day = r.LogBetween(0.005, 0.06);
  const bool freezes = r.Uniform() < 0.4;
  const auto from = r.Below(std::max<std::int64_t>(n, 1));
  const auto until = freezes ? from + 10 * kDay + r.Below(6 * kDay) : from;
  Draw(w, n, r, {}, [&](std::int64_t t) {
    const bool frozen = t >= from && t < until;
    if (t > 0 && !frozen && calendar.Working(t) && r.Below(gap) == 0) {
      w.release_minutes.push_back(t);
    }
    return 1 + swing * calendar.Load(t, 0.5);
  });
}

// A runner that forks for every job: an agent of 5-20 %, one to eight slots used 20-80 % in working
// hours and a tenth of that else; jobs of log-normal length (median 5 min, up to 90) and size
// (deviation 50 %, up to three times a slot's share), risen in 10-60 s.
void CiRunner(Workload& w, std::int64_t n, Random& r) {
  struct Job {
    std::int64_t ends;
    double size;
  };
  const Calendar calendar(r);
  const double agent = r.Between(0.05, 0.2);
  const auto slots = static_cast<std::size_t>(1 + r.Below(8));
  const double share = (1 - agent) / static_cast<double>(slots);
  const double busy = r.Between(0.2, 0.8) * static_cast<double>(slots) / 7;  // 7 min: a job's mean
  std::vector<Job> jobs;
  Draw(w, n, r, {}, [&](std::int64_t t) {
    std::erase_if(jobs, [t](const Job& job) { return job.ends <= t; });
    const bool arrives = r.Uniform() < (calendar.Working(t) ? busy : busy / 10);
    if (arrives && jobs.size() < slots) {
      const double minutes = std::min(90.0, 5 * LogNormal(r, 0.8, 20));
      const double size = share * LogNormal(r, 0.5, 3);
      jobs.push_back({t + 1 + static_cast<std::int64_t>(minutes), size});
    }
    double used = agent;
    for (const auto& job : jobs) used += job.size;
    return used;
  });
  FastRises(w, r.Between(10, 60));
}

// A consumer with a bounded prefetch: 30-70 % as a rule, all of it (5 % apart by the messages'
// size) while a backlog is worked off, which is 0.5-5 times a week for 5 min to 12 h (median 40
// min); fills and drains in 1-10 min.
void QueueConsumer(Workload& w, std::int64_t n, Random& r) {
  const Calendar calendar(r);
  const double trickle = r.Between(0.3, 0.7);
  const double swing = r.Between(0, 0.2);
  const double mean = kWeek / r.LogBetween(0.5, 5);
  const double step = (1 - trickle) / r.Between(1, 10);
  double full = 1;
  double filled = trickle;
  std::int64_t next = Wait(r, mean);
  std::int64_t until = 0;
  Draw(w, n, r, {}, [&](std::int64_t t) {
    if (t == next) {
      full = LogNormal(r, 0.05, 1.2);
      const double minutes = std::clamp(40 * LogNormal(r, 1, 20), 5.0, 720.0);
      until = t + static_cast<std::int64_t>(minutes);
      next = until + Wait(r, mean);
    }
    const double goal = t < until ? full : trickle * (1 + swing * calendar.Load(t, 0.7));
    filled += std::clamp(goal - filled, -step, step);
    return filled;
  });
}

}  // namespace plimsoll::replay::unseen
