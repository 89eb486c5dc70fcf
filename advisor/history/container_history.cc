// SPDX-License-Identifier: Apache-2.0
#include "advisor/history/container_history.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <tuple>
#include <vector>

#include "advisor/base/units.h"
#include "advisor/drift/change_point.h"
#include "advisor/drift/population.h"
#include "advisor/history/fingerprint.h"
#include "advisor/model/clock_skew.h"

namespace plimsoll::history {
namespace {

constexpr Bytes kLargestPlausible(std::int64_t{8} << 40);
constexpr Minute kLeapToConfirm = 36 * 60;
constexpr Duration kFirstReading = std::chrono::seconds(15);
constexpr int kMissedDays = 14;
constexpr int kStillInUse = 236;  // log2(1 / 0.85) * 1024
constexpr int kGrowsADay = 15;    // 1 %, in steps of log2 / 1024
constexpr Ratio kSteepFrom{0.2};  // the guard watches from 80 % of the limit on

// The last three days against the two weeks before them, over 0.15 on three days running
// (Kullback-Leibler): the level is another one.
constexpr Hour kDriftHours = 72;
constexpr Hour kDriftHoursBefore = 14 * 24;
constexpr std::size_t kDriftHoursNeeded = 72;
constexpr double kDivergent = 0.15;
constexpr int kDaysDivergedToAct = 3;

bool Plausible(Bytes bytes) { return bytes >= Bytes(0) && bytes <= kLargestPlausible; }

// What the kernel lets the container have; absent: no bound.
std::optional<Bytes> Boundary(const model::MemoryDigest& digest) {
  if (!digest.limit && !digest.high) return std::nullopt;
  return std::min(digest.limit.value_or(Bytes::Max()), digest.high.value_or(Bytes::Max()));
}

// The window's highest hard demand. memory.peak sees what falls between two samples, but counts the
// cache too: what may have been cache at that moment is taken off, at its largest. What was cut off
// at a boundary came to it at least: seen at 190 a second before its kill at 256 MiB, it is 256.
//   hard 100, soft 300, kernel peak 520, usage 400 MiB -> max(100, 520 - max(300, 400 - 100)) = 220
Bytes Demand(const model::MemoryDigest& digest) {
  Bytes demand = digest.hard_peak;
  if (digest.kernel_peak && digest.soft_mean && Plausible(*digest.kernel_peak)) {
    const Bytes soft = std::max(*digest.soft_mean, digest.usage - digest.hard_mean);
    demand = std::max(demand, *digest.kernel_peak - soft);
  }
  if (const auto boundary = Boundary(digest); digest.censored && boundary && Plausible(*boundary)) {
    demand = std::max(demand, *boundary);
  }
  if (digest.swap && Plausible(*digest.swap)) demand += *digest.swap;
  return demand;
}

}  // namespace

// A wrong clock far ahead must not push out 60 days: such a time counts once it is confirmed by
// another at or after it.
bool ContainerHistory::AdmitTime(Minute minute) {
  if (last_minute_ != 0 && minute > last_minute_ + kLeapToConfirm &&
      (pending_minute_ == 0 || minute < pending_minute_)) {
    pending_minute_ = minute;
    return false;
  }
  pending_minute_ = 0;
  last_minute_ = std::max(last_minute_, minute);
  first_minute_ = first_minute_ == 0 ? minute : std::min(first_minute_, minute);
  return true;
}

Intake ContainerHistory::Observe(std::string_view pod_uid, const model::MemoryDigest& digest) {
  if (!Plausible(digest.hard_peak) || !Plausible(digest.usage) || !Plausible(digest.hard_mean)) {
    return Intake::kImplausible;
  }
  const Minute minute = MinuteOf(digest.window_end);
  if (minute == 0) return Intake::kImplausible;
  if (digest.container_start > digest.window_end + model::kClockSkew) {
    // Stamped while a clock was ahead: when it started is not known.
    model::MemoryDigest known = digest;
    known.container_start = {};
    return Observe(pod_uid, known);
  }
  if (!AdmitTime(minute)) return Intake::kFarAhead;

  const Bytes demand = Demand(digest);
  const LogCode peak = EncodeUp(demand);
  // A window that ends at midnight is of the day before.
  const Hour hour = HourOf(digest.window_end - Duration(1));
  const Day day = DayOf(hour);
  const bool starting = digest.window_end - digest.container_start <= kStartPhase;
  const StartLog before = starts_;
  const bool clean = starts_.Observe(digest.container_start, starting, peak, oom_.refuted());
  // A healthy start's own peak is remembered with the starts, so that the day's peak is what
  // running takes, unless it starts often. In the very first minutes there is nothing else to go
  // by.
  const bool apart =
      starting && clean && minute > first_minute_ + kStartPhase.count() && !starts_.Often(minute);
  const std::uint32_t pod = Fingerprint(pod_uid);
  if (!apart) {
    // By the reading that opens the next day, and so once.
    if (!peaks_.empty() && day > peaks_.head()) CloseDay(peaks_.head());
    if (!peaks_.Observe(hour, peak)) return Intake::kTooOld;
    KeepPassed(before, minute);
    replicas_.Observe(pod, day, peak);
    day_levels_.Observe(minute, peak, digest.window_end - digest.window_start);
  }
  const LogCode level = EncodeUp(digest.hard_mean);
  level_.Observe(pod, MinuteOf(digest.container_start), minute, LevelKind::kHard, level);
  runtime_.ObserveHard(pod, level);
  ObserveRise(day, digest, starting);
  if (digest.swap && *digest.swap > Bytes(0)) last_swapped_ = std::max(last_swapped_, minute);
  ObserveCache(day, digest);
  ObservePressure(digest, demand);
  return Intake::kTaken;
}

// Three newer starts make one forgotten. Where they came within days, what it took is held with the
// day it began in, as theirs is: an hour after a start at 2 GiB the limit was 108 MiB.
void ContainerHistory::KeepPassed(const StartLog& before, Minute now) {
  if (!starts_.CountedWithinDays(now)) return;
  for (const StartRecord& start : before.Counted()) {
    if (start.FirstMinute() > now || !starts_.Passed(start)) continue;
    peaks_.Observe(HourOf(TimeOf(start.FirstMinute())), start.start_peak);
  }
}

// A start comes up from nothing: what it held by the end of its first reading it rose by at once. A
// rise later on that is small beside the level it leads to is seen in time by whoever watches.
void ContainerHistory::ObserveRise(Day day, const model::MemoryDigest& digest, bool starting) {
  const bool first = digest.window_start <= digest.container_start + kFirstReading;
  const bool at_once = digest.window_end <= digest.container_start + 2 * kFirstReading;
  const std::optional<Bytes> rise =
      first && (at_once || !digest.rise) ? digest.hard_peak : digest.rise;
  if (!rise || !Plausible(*rise)) return;
  if (!starting) {
    rise_.Observe(day, EncodeUp(*rise));
  } else if (first) {
    start_reach_.Observe(day, EncodeUp(*rise));
  } else if (*rise >= digest.hard_peak * kSteepFrom) {
    start_reach_.Observe(day, EncodeUp(digest.hard_peak));
  }
}

// Cache is missed when the kernel reads back more than 1 % of it a minute, or tasks stall for 0.1 %
// of the time while it is all that could be reclaimed (sizing.md §G.3).
void ContainerHistory::ObserveCache(Day day, const model::MemoryDigest& digest) {
  if (!digest.soft_mean || *digest.soft_mean <= Bytes(0)) return;
  if (digest.working_set && Plausible(*digest.working_set)) {
    const Bytes active = std::min(*digest.working_set - digest.hard_mean, *digest.soft_mean);
    if (active > Bytes(0)) active_cache_.Observe(day, EncodeUp(active));
    // What was missed once and is in use now would be missed again: it is not forgotten.
    const LogCode missed = missed_cache_.Largest(day, kMissedDays);
    const LogCode active_code = EncodeUp(active);
    if (missed != kNoData && active_code + kStillInUse >= missed) {
      // Data grow, and their cache with them; faster than this it is cache that merely found room.
      const LogCode before = missed_cache_.Largest(day - 1, kMissedDays);
      const int grown =
          before == kNoData ? missed : std::min<int>(active_code, before + kGrowsADay);
      missed_cache_.Observe(day, std::max(missed, static_cast<LogCode>(grown)));
    }
  }
  const Duration window = digest.window_end - digest.window_start;
  if (!digest.refaults || window.count() <= 0) return;
  const double minutes = std::chrono::duration<double, std::ratio<60>>(window).count();
  const double reread = static_cast<double>(*digest.refaults) * kPageBytes / minutes;
  if (reread > 0.01 * digest.soft_mean->AsDouble()) {
    missed_cache_.Observe(day, EncodeUp(*digest.soft_mean));
  }
}

void ContainerHistory::ObservePressure(const model::MemoryDigest& digest, Bytes demand) {
  const Duration window = digest.window_end - digest.window_start;
  if (digest.pressure) {
    pressure_.Observe(HourOf(digest.window_end), digest.pressure->some, window);
  }
  const std::optional<Bytes> boundary = Boundary(digest);
  if (!boundary || !Plausible(*boundary)) return;
  const bool stalled =
      digest.pressure && window.count() > 0 && digest.pressure->some * 20 >= window;
  // Throttled at memory.high the container slows down instead of dying: no kill will ever tell.
  const bool throttled = digest.events.high > 0 && digest.high == boundary;
  if (demand >= *boundary * Ratio(0.95) && (stalled || throttled)) {
    pressure_.Pin(EncodeUp(*boundary), MinuteOf(digest.window_end));
  }
}

Intake ContainerHistory::Observe(const model::OomEvent& event) {
  const Minute minute = MinuteOf(event.time);
  if (minute == 0) return Intake::kImplausible;
  if (!oom_.Observe(event)) return Intake::kDuplicate;
  using enum model::OomKind;
  if (event.kind != kContainerOom && event.kind != kChildOom) return Intake::kTaken;
  // What the kill shows: demand went above the limit, or lacking that, at least to the peak.
  const Bytes refuted = event.limit.value_or(event.peak.value_or(Bytes(0)));
  if (refuted > Bytes(0) && Plausible(refuted)) oom_.Refute(refuted, minute);
  starts_.MarkKill(minute);
  return Intake::kTaken;
}

void ContainerHistory::Observe(std::string_view pod_uid, const model::RuntimeStats& stats) {
  const std::uint32_t pod = Fingerprint(pod_uid);
  runtime_.Observe(pod, stats);
  if (stats.live && Plausible(*stats.live)) {
    level_.Observe(pod, MinuteOf(stats.process_start), MinuteOf(stats.time), LevelKind::kLive,
                   EncodeUp(*stats.live));
  }
}

// Once a day, when its last reading is in: does the level look like before?
void ContainerHistory::CloseDay(Day finished) {
  const Hour end = (finished + 1) * 24;
  std::vector<LogCode> recent;
  std::vector<LogCode> before;
  for (Hour hour = end - kDriftHours - kDriftHoursBefore; hour < end; ++hour) {
    const LogCode peak = peaks_.HourPeak(hour);
    if (peak != kNoData) (hour < end - kDriftHours ? before : recent).push_back(peak);
  }
  const bool diverged = before.size() >= kDriftHoursNeeded &&
                        drift::Compare(recent, before).kullback_leibler > kDivergent;
  drift_.days_diverged = diverged
                             ? static_cast<std::uint8_t>(std::min(255, drift_.days_diverged + 1))
                             : std::uint8_t{0};
  if (drift_.days_diverged < kDaysDivergedToAct) return;

  std::array<LogCode, kDaysKept> by_age{};
  for (int age = 1; age < kDaysKept; ++age) {
    by_age[static_cast<std::size_t>(age)] = peaks_.DayPeak(finished + 1 - age);
  }
  std::optional<int> release_age;
  if (release_minute_ != 0) release_age = finished - DayOf(TimeOf(release_minute_));
  if (const auto fall = drift::FindFall(by_age, release_age)) {
    drift_.fall_day = finished + 1 - fall->age;
    drift_.scale_steps = static_cast<std::int16_t>(std::max(fall->scale_steps, -32768));
  }
}

void ContainerHistory::ObserveRelease(TimePoint time, std::string_view release) {
  const std::uint32_t fingerprint = Fingerprint(release);
  const Minute minute = MinuteOf(time);
  if (fingerprint == release_ || minute < release_minute_) return;
  // The first release seen is where the history begins, not a change.
  if (release_ != 0) release_minute_ = minute;
  release_ = fingerprint;
}

void ContainerHistory::Merge(const ContainerHistory& other) {
  peaks_.Merge(other.peaks_);
  day_levels_.Merge(other.day_levels_);
  oom_.Merge(other.oom_);
  const StartLog before = starts_;
  starts_.Merge(other.starts_);
  replicas_.Merge(other.replicas_);
  pressure_.Merge(other.pressure_);
  rise_.Merge(other.rise_);
  missed_cache_.Merge(other.missed_cache_);
  active_cache_.Merge(other.active_cache_);
  start_reach_.Merge(other.start_reach_);
  level_.Merge(other.level_);
  runtime_.Merge(other.runtime_);
  const auto rank = [](const Drift& d) {
    return std::tuple(d.fall_day, d.days_diverged, d.scale_steps);
  };
  if (rank(other.drift_) > rank(drift_)) drift_ = other.drift_;
  if (other.first_minute_ != 0) {
    first_minute_ =
        first_minute_ == 0 ? other.first_minute_ : std::min(first_minute_, other.first_minute_);
  }
  last_minute_ = std::max(last_minute_, other.last_minute_);
  KeepPassed(before, last_minute_);
  KeepPassed(other.starts_, last_minute_);
  last_swapped_ = std::max(last_swapped_, other.last_swapped_);
  std::tie(release_minute_, release_) = std::max(std::tuple(release_minute_, release_),
                                                 std::tuple(other.release_minute_, other.release_));
}

}  // namespace plimsoll::history
