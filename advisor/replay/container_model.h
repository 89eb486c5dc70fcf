// SPDX-License-Identifier: Apache-2.0
//
// The container itself: it uses what the workload demands as long as the limit lets it, dies where
// it does not, comes back after Kubernetes' back-off, and then starts over (start-up replayed, leak
// gone). Cache fills what the limit leaves and shrinks without a kill.
#pragma once

#include <cstdint>
#include <optional>

#include "advisor/replay/demand.h"

namespace plimsoll::replay {

// One minute as this container would live it at its age.
struct LivedMinute {
  double from = 0;   // hard memory at the minute's start
  double level = 0;  // at its end
  double peak = 0;   // its highest second
  double rise_s = 60;
  double cache = 0;
  double needed_cache = 0;

  [[nodiscard]] double Highest() const;
  // Hard memory at the end of second `s` (0..59): a straight rise to the peak, ten seconds at it,
  // then the level.
  [[nodiscard]] double At(int s) const;
  [[nodiscard]] double Mean() const;
  // The largest growth within any 5 s.
  [[nodiscard]] double Rise() const;
};

class ContainerModel {
 public:
  explicit ContainerModel(const Traits& traits) : traits_(traits) {}

  [[nodiscard]] bool running() const { return started_.has_value(); }
  [[nodiscard]] std::int64_t started() const { return *started_; }  // minute
  [[nodiscard]] std::int64_t AgeMinutes(std::int64_t minute) const { return minute - *started_; }

  // Brings it up or down as demand and back-off have it; true: it has just started. `restart`: one
  // is planned for this minute.
  bool Tick(std::int64_t minute, const Minute& demand, bool restart);
  void Kill(std::int64_t second_of_run);
  [[nodiscard]] LivedMinute Live(std::int64_t minute, const Minute& demand) const;
  void Lived(const LivedMinute& lived) { last_level_ = lived.level; }

 private:
  Traits traits_;
  std::optional<std::int64_t> started_;
  std::int64_t down_until_s_ = 0;
  int crashes_ = 0;
  double last_level_ = 0;
};

}  // namespace plimsoll::replay
