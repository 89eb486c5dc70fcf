// SPDX-License-Identifier: Apache-2.0
//
// What is remembered of one workload's container, over all its pods: rings of hourly and daily
// demand peaks, start-up peaks, OOM evidence, the largest rise, cache that was missed, pressure.
// Replicas merge by maximum. At most 2 KiB held; the checkpoint form at most 1.5 KiB.
//
// Demand is hard memory plus swap: what the container would hold if nothing were taken from it.
#pragma once

#include <cstdint>
#include <string_view>

#include "advisor/base/time.h"
#include "advisor/history/day_levels.h"
#include "advisor/history/day_maxima.h"
#include "advisor/history/level_series.h"
#include "advisor/history/oom_log.h"
#include "advisor/history/peak_rings.h"
#include "advisor/history/pressure_log.h"
#include "advisor/history/replica_sketch.h"
#include "advisor/history/runtime_log.h"
#include "advisor/history/slots.h"
#include "advisor/history/start_log.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"
#include "advisor/model/runtime_stats.h"

namespace plimsoll::history {

// What became of an observation; everything but kTaken left the history as it was.
enum class Intake {
  kTaken,
  kDuplicate,    // this OOM kill is known
  kTooOld,       // before the rings
  kFarAhead,     // more than 36 h after all before; taken once a later one confirms the new time
  kImplausible,  // negative, or above 8 TiB: no container's memory
};

// What the end of each day found about the level (advisor/drift).
struct Drift {
  Day fall_day = -1;               // first day at a lower level that came to stay; -1: none
  std::int16_t scale_steps = 0;    // logarithm of new over old level in LogCode steps, negative
  std::uint8_t days_diverged = 0;  // days running on which the hours looked unlike those before

  [[nodiscard]] bool Valid() const {
    return fall_day >= -1 && fall_day <= kLastDay && scale_steps <= 0;
  }
  friend bool operator==(const Drift&, const Drift&) = default;
};

class ContainerHistory {
 public:
  // Observations may come in any order within a tick; late ones are placed by their own time.
  Intake Observe(std::string_view pod_uid, const model::MemoryDigest& digest);
  Intake Observe(const model::OomEvent& event);
  void Observe(std::string_view pod_uid, const model::RuntimeStats& stats);
  // A new image or template: a change point when the level changes with it.
  void ObserveRelease(TimePoint time, std::string_view release);
  // As if all that `other` saw had been seen here.
  void Merge(const ContainerHistory& other);

  // Neither a reading nor a kill that tells of demand.
  [[nodiscard]] bool empty() const { return peaks_.empty() && oom_.refuted().empty(); }
  // Of digests; 0: none yet.
  [[nodiscard]] Minute first_minute() const { return first_minute_; }
  [[nodiscard]] Minute last_minute() const { return last_minute_; }

  [[nodiscard]] const PeakRings& peaks() const { return peaks_; }
  // What each of the last days reached for an hour or more.
  [[nodiscard]] const DayLevels& day_levels() const { return day_levels_; }
  [[nodiscard]] const OomLog& oom() const { return oom_; }
  [[nodiscard]] const StartLog& starts() const { return starts_; }
  [[nodiscard]] const ReplicaSketch& replicas() const { return replicas_; }
  [[nodiscard]] const PressureLog& pressure() const { return pressure_; }
  [[nodiscard]] const DayMaxima<14>& rise() const { return rise_; }
  [[nodiscard]] const DayMaxima<14>& missed_cache() const { return missed_cache_; }
  // File cache in use beside the hard memory, by the kernel's active list, of the last days.
  [[nodiscard]] const DayMaxima<3>& active_cache() const { return active_cache_; }
  // The highest level that starts reached too fast to be followed: within 5 s of beginning, or by a
  // rise of a fifth of it.
  [[nodiscard]] const DayMaxima<7>& start_reach() const { return start_reach_; }
  [[nodiscard]] const LevelSeries& level() const { return level_; }
  [[nodiscard]] const RuntimeLog& runtime() const { return runtime_; }
  [[nodiscard]] const Drift& drift() const { return drift_; }
  // Last time that swap held part of the demand; 0: never.
  [[nodiscard]] Minute last_swapped() const { return last_swapped_; }

  // Every field, in the order of the checkpoint form.
  template <class Archive>
  void Visit(Archive& archive) {
    peaks_.Visit(archive);
    day_levels_.Visit(archive);
    oom_.Visit(archive);
    starts_.Visit(archive);
    replicas_.Visit(archive);
    pressure_.Visit(archive);
    rise_.Visit(archive);
    missed_cache_.Visit(archive);
    active_cache_.Visit(archive);
    start_reach_.Visit(archive);
    level_.Visit(archive);
    runtime_.Visit(archive);
    archive(drift_.fall_day);
    archive(drift_.scale_steps);
    archive(drift_.days_diverged);
    archive(first_minute_);
    archive(last_minute_);
    archive(pending_minute_);
    archive(last_swapped_);
    archive(release_);
    archive(release_minute_);
  }
  // Whether decoded content can be walked safely.
  [[nodiscard]] bool Valid() const {
    return peaks_.Valid() && day_levels_.Valid() && oom_.Valid() && rise_.Valid() &&
           missed_cache_.Valid() && active_cache_.Valid() && start_reach_.Valid() &&
           level_.Valid() && runtime_.Valid() && drift_.Valid();
  }
  friend bool operator==(const ContainerHistory&, const ContainerHistory&) = default;

 private:
  [[nodiscard]] bool AdmitTime(Minute minute);
  void CloseDay(Day finished);
  void KeepPassed(const StartLog& before, Minute now);
  void ObserveRise(Day day, const model::MemoryDigest& digest, bool starting);
  void ObserveCache(Day day, const model::MemoryDigest& digest);
  void ObservePressure(const model::MemoryDigest& digest, Bytes demand);

  PeakRings peaks_;
  DayLevels day_levels_;
  OomLog oom_;
  StartLog starts_;
  ReplicaSketch replicas_;
  PressureLog pressure_;
  DayMaxima<14> rise_;
  DayMaxima<14> missed_cache_;
  DayMaxima<3> active_cache_;
  DayMaxima<7> start_reach_;
  LevelSeries level_;
  RuntimeLog runtime_;
  Drift drift_;
  Minute first_minute_ = 0;
  Minute last_minute_ = 0;
  Minute pending_minute_ = 0;
  Minute last_swapped_ = 0;
  std::uint32_t release_ = 0;  // fingerprint; 0: none seen
  Minute release_minute_ = 0;
};

}  // namespace plimsoll::history
