// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/families.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "advisor/replay/random.h"
#include "advisor/replay/shapes.h"

namespace plimsoll::replay {
namespace {

constexpr double kMiB = 1 << 20;
constexpr std::int64_t kHour = 60;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kWeek = 7 * kDay;

double DayWave(std::int64_t minute) {  // 0 at night, 1 at the height of the day
  return 0.5 * (1 - std::cos(2 * std::numbers::pi * static_cast<double>(minute) / kDay));
}
bool Weekend(std::int64_t minute) { return (minute / kDay) % 7 >= 5; }

void Flat(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t) { return 1.0; });
}

void Diurnal(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return 1 + DayWave(t); });
}

void WeekdayPeak(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return 1 + (Weekend(t) ? 0.25 : 1.0) * DayWave(t); });
}

void WeeklySpike(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  for (auto t = r.Below(kWeek); t < n; t += kWeek) Spike(w, t, 120, 2.2, 60);
}

void Spike20Days(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  for (auto t = r.Below(15 * kDay); t < n; t += 20 * kDay) Spike(w, t, 60, 2.5, 60);
}

void Batch4Days(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  for (auto t = r.Below(4 * kDay); t < n; t += 4 * kDay) Spike(w, t, 200, 1.8, 45);
}

void StartupPeak(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.startup = {.factor = 2, .minutes = 3};
  w.restart_every_minutes = 5 * kDay;
  w.traits.initial_limit = w.traits.base * r.Between(2.2, 3.5);
}

void StartupPolluted(Workload& w, std::int64_t n, Random& r) {
  StartupPeak(w, n, r);
  Spike(w, 8 * kDay + r.Below(2 * kDay), 20, 4, 30);
}

void SlowLeak(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.leak_per_day = 0.08;
  w.restart_every_minutes = kWeek;
  w.restart_is_release = true;
}

void UnboundedLeak(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.leak_per_day = 0.6;
}

void CacheWarmUp(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.active_share = 0.7;
  Cache(
      w,
      [&w](std::int64_t t) {
        return 6 * w.traits.base * (1 - std::exp(-static_cast<double>(t) / 2000));
      },
      0);
}

void NeededCache(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.active_share = 0.7;
  Cache(w, [&w](std::int64_t) { return 4 * w.traits.base; }, 2 * w.traits.base);
  w.traits.initial_limit = 5 * w.traits.base;
}

void StepUp(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return t < 14 * kDay ? 1.0 : 2.0; });
  w.release_minutes = {14 * kDay};
}

void StepDown(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return t < 14 * kDay ? 1.0 : 0.5; });
  w.release_minutes = {14 * kDay};
}

void HeavyTail(Workload& w, std::int64_t n, Random& r) {
  double extra = 0;
  std::int64_t next = r.Below(6 * kHour);
  Fill(w, n, r, [&](std::int64_t t) {
    extra *= 0.8;
    if (t == next) {
      extra += 0.15 * std::min(r.Pareto(1.6), 25.0);
      next = t + 1 + r.Below(4 * kHour);
    }
    return 1 + extra;
  });
  FastRises(w, 15);
}

void ShortSpikes(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  for (auto t = r.Below(5 * kHour); t < n; t += kHour + r.Below(8 * kHour)) {
    InMinutePeak(w, t, r.Between(1.5, 1.8), r.Between(3, 8));
  }
}

void GcSawtooth(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return 0.5 + 0.9 * static_cast<double>(t % 47) / 46; });
}

void Outlier(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  Spike(w, 6 * kDay + r.Below(kDay), 20, 4, 60);
}

void CrashLoop(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.startup = {.from = 0.1, .warm_minutes = 3};
  w.traits.initial_limit = 0.12 * w.traits.base;
}

void ExceedsNode(Workload& w, std::int64_t n, Random& r) {
  w.traits.base = 96 * 1024 * kMiB;
  Flat(w, n, r);
  w.traits.startup = {.from = 0.05, .warm_minutes = 20};
  w.traits.initial_limit = 0.3 * w.traits.base;
}

void Growth(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return std::pow(1.03, static_cast<double>(t) / kDay); });
}

void CronBimodal(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t) { return 0.1; });
  for (auto t = r.Below(kDay); t < n; t += kDay) Spike(w, t, 10, 10, 60);
}

void Small(Workload& w, std::int64_t n, Random& r) {
  w.traits.base = 24 * kMiB;
  Flat(w, n, r);
}

void TmpfsWriter(Workload& w, std::int64_t n, Random& r) {
  double held = 0;
  Fill(w, n, r, [&held, &r](std::int64_t t) {
    if (t % kDay == 0) held = 0;  // the files are removed at midnight
    held = std::min(held + 0.004 * r.Uniform(), 2.0);
    return 1 + held;
  });
}

// Load per replica while an autoscaler follows the load: never far above its target, but it lags.
void HpaCoupled(Workload& w, std::int64_t n, Random& r) {
  double replicas = 4;
  Fill(w, n, r, [&replicas](std::int64_t t) {
    const double load = 4 + 14 * DayWave(t);
    if (t % 5 == 0) replicas = std::clamp(std::ceil(load / 1.1), replicas - 1, replicas + 3);
    return 0.4 + 0.6 * load / replicas;
  });
}

void Oscillation(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) { return (t / (6 * kHour)) % 2 == 0 ? 1.0 : 1.1; });
}

void ShortJobs(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  double scale = 1;
  for (std::int64_t t = 0; t < n; ++t) {
    const auto within = t % (2 * kHour);
    if (within == 0) {
      scale = std::exp(0.8 * r.Normal());
      w.start_minutes.push_back(t);
    }
    Minute& minute = w.minutes[static_cast<std::size_t>(t)];
    const auto ramp = static_cast<float>(std::min(1.0, static_cast<double>(within + 1) / 5));
    const float factor = within < 10 ? ramp * static_cast<float>(scale) : 0.0F;
    minute.level *= factor;
    minute.peak *= factor;
  }
  w.traits.initial_limit = 2 * w.traits.base;
}

void YearEvent(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  Spike(w, 25 * kDay + r.Below(kDay), 10 * kHour, 3, 60);
}

void HugePages(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  w.traits.huge_page_factor = 1.4;
  w.traits.huge_page_minute = 15 * kDay + r.Below(kDay);
}

// Low for hours after the limit was cut, then back at once: the check of a shrink passes, and the
// need returns.
void DecreaseRace(Workload& w, std::int64_t n, Random& r) {
  double level = 1;
  std::int64_t until = 0;
  Fill(w, n, r, [&](std::int64_t t) {
    if (t >= until) {
      level = level < 1 ? 1.0 : 0.6;
      until = t + (level < 1 ? 6 * kHour + r.Below(3 * kHour) : 1 + r.Below(2 * kHour));
    }
    return level;
  });
  FastRises(w, 10);
}

// Our own. Load that jumps between three levels, each held for hours.
void MarkovLoad(Workload& w, std::int64_t n, Random& r) {
  constexpr std::array<double, 3> kLevels = {1.0, 1.4, 1.9};
  std::size_t state = 0;
  Fill(w, n, r, [&](std::int64_t) {
    if (r.Below(8 * kHour) == 0) state = static_cast<std::size_t>(r.Below(3));
    return kLevels[state];
  });
}

void RandomWalk(Workload& w, std::int64_t n, Random& r) {
  double log_level = 0;
  Fill(w, n, r, [&](std::int64_t) {
    log_level = 0.9998 * log_level + 0.004 * r.Normal();
    return std::exp(log_level);
  });
}

// Batches at random moments, 1 in 2 days on average, each of its own size.
void PoissonBatch(Workload& w, std::int64_t n, Random& r) {
  Flat(w, n, r);
  for (std::int64_t t = 0;;) {
    t += 1 + static_cast<std::int64_t>(-2.0 * kDay * std::log(1 - r.Uniform()));
    if (t >= n) return;
    Spike(w, t, 20 + r.Below(100), r.Between(1.3, 2.2), r.Between(20, 60));
  }
}

// A release every 4 days whose need differs from the one before.
void Releases(Workload& w, std::int64_t n, Random& r) {
  double level = 1;
  Fill(w, n, r, [&](std::int64_t t) {
    if (t > 0 && t % (4 * kDay) == 0) {
      level *= std::exp(0.2 * r.Normal());
      level = std::clamp(level, 0.4, 2.5);
      w.release_minutes.push_back(t);
    }
    return level * (1 + 0.3 * DayWave(t));
  });
}

// Office hours with a lunch dip, a nightly backup, and quiet weekends.
void OfficeHours(Workload& w, std::int64_t n, Random& r) {
  Fill(w, n, r, [](std::int64_t t) {
    const double hour = static_cast<double>(t % kDay) / kHour;
    if (hour >= 2 && hour < 2.5) return 1.5;
    if (Weekend(t) || hour < 8 || hour > 18) return 1.0;
    return 1.7 - (hour > 12 && hour < 13 ? 0.25 : 0.0);
  });
}

constexpr std::array kFamilies = {
    Family{"flat", 1, false, false, false, "a level with autoregressive noise", Flat},
    Family{"diurnal", 2, false, false, false, "twice as much at the height of the day", Diurnal},
    Family{"weekday-peak", 3, true, false, false, "as diurnal, a quarter of it at weekends",
           WeekdayPeak},
    Family{"weekly-spike", 4, false, false, false, "2.2 times for two hours, once a week",
           WeeklySpike},
    Family{"spike-20-days", 5, true, false, false, "2.5 times for an hour, every 20 days",
           Spike20Days},
    Family{"batch-4-days", 6, true, false, false, "1.8 times for 200 min, every four days",
           Batch4Days},
    Family{"startup-peak", 7, false, false, false,
           "twice as much in the first 3 min, restart each 5 days", StartupPeak},
    Family{"startup-polluted", 8, true, false, false,
           "as startup-peak, with one outlier that kills", StartupPolluted},
    Family{"slow-leak", 9, false, false, false, "leaks 8 % a day, deployed weekly", SlowLeak},
    Family{"unbounded-leak", 10, true, true, false, "leaks 60 % a day, never restarted",
           UnboundedLeak},
    Family{"cache-warm-up", 11, true, false, false,
           "a file cache that grows to six times and is not needed", CacheWarmUp},
    Family{"needed-cache", 12, true, false, false,
           "a file cache of which a half is read again and again", NeededCache},
    Family{"step-up", 13, false, false, false, "doubles with a release", StepUp},
    Family{"step-down", 14, false, false, false, "halves with a release", StepDown},
    Family{"heavy-tail", 15, false, true, false, "Pareto bursts every two hours that rise in 15 s",
           HeavyTail},
    Family{"short-spikes", 16, true, true, false, "1.5-1.8 times for 10 s, reached within 3-8 s",
           ShortSpikes},
    Family{"gc-sawtooth", 17, true, false, false, "a collector's sawtooth of 47 min", GcSawtooth},
    Family{"outlier", 19, false, true, false, "four times for 20 min, once", Outlier},
    Family{"crash-loop", 20, false, false, false,
           "a limit of 0.12 of the need, reached 3 min after a start", CrashLoop},
    Family{"exceeds-node", 21, true, true, true, "needs 1.5 times a node", ExceedsNode},
    Family{"growth", 22, false, false, false, "3 % more every day", Growth},
    Family{"cron-bimodal", 23, true, false, false, "ten times for ten minutes a day", CronBimodal},
    Family{"small", 24, false, false, false, "24 MiB", Small},
    Family{"tmpfs-writer", 28, true, false, false, "files in memory, emptied daily", TmpfsWriter},
    Family{"hpa-coupled", 30, true, false, false, "per-replica load under an autoscaler that lags",
           HpaCoupled},
    Family{"oscillation", 35, true, false, false, "1.0 and 1.1 in turns of six hours", Oscillation},
    Family{"short-jobs", 36, true, true, false, "ten-minute jobs, lognormal peaks", ShortJobs},
    Family{"year-event", 37, true, true, false, "three times for ten hours, once", YearEvent},
    Family{"huge-pages", 39, true, false, false, "1.4 times from one day on, no change in the app",
           HugePages},
    Family{"decrease-race", 40, true, true, false, "low for hours, back within 10 s", DecreaseRace},
    Family{"markov-load", 0, true, true, false, "jumps between three levels held for hours",
           MarkovLoad},
    Family{"random-walk", 0, false, false, false, "wanders", RandomWalk},
    Family{"poisson-batch", 0, true, true, false, "batches at random times of random size",
           PoissonBatch},
    Family{"releases", 0, true, true, false, "a release every four days, each with another need",
           Releases},
    Family{"office-hours", 0, false, false, false, "office hours, a lunch dip, a nightly backup",
           OfficeHours},
};

}  // namespace

std::span<const Family> Families() { return kFamilies; }

Result<const Family*> FindFamily(std::string_view name) {
  std::string known;
  for (const auto group : {Families(), UnseenFamilies(), BlindFamilies()}) {
    for (const auto& family : group) {
      if (family.name == name) return &family;
      known += (known.empty() ? "" : ", ") + std::string(family.name);
    }
  }
  return Fail(ErrorCode::kInvalid, "no family '" + std::string(name) + "'; there are: " + known);
}

Workload Generate(const Family& family, std::uint64_t seed, int days) {
  // The family's name is part of the seed: two families with one seed share nothing.
  std::uint64_t mixed = seed;
  for (const char c : family.name) mixed = mixed * 1099511628211ULL + static_cast<unsigned char>(c);
  Random random(mixed);
  Workload workload;
  workload.family = family.name;
  workload.seed = seed;
  workload.traits.base = random.LogBetween(family.smallest_mib * kMiB, family.largest_mib * kMiB);
  family.fill(workload, days * kDay, random);
  if (workload.traits.initial_limit == 0) {
    // Whoever set it had seen the workload start.
    const double highest =
        HighestOfFirstDays(workload, 3) * std::max(1.0, workload.traits.startup.factor);
    workload.traits.initial_limit = random.Between(1.2, 2.5) * highest;
  }
  return workload;
}

}  // namespace plimsoll::replay
