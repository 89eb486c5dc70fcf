// SPDX-License-Identifier: Apache-2.0
//
// What an agent makes of the seconds it saw: a digest for every five minutes. A node's agent sends
// one every 15 s; merging them by maximum loses nothing that the history keeps.
#pragma once

#include <algorithm>
#include "advisor/model/memory_digest.h"
#include "advisor/replay/container_model.h"
#include "advisor/replay/engine.h"

namespace plimsoll::replay {

class AgentView {
 public:
  static constexpr std::int64_t kWindowMinutes = 5;

  // A minute, or the part of one until a kill (`seconds` of it, peak cut off at the limit).
  // `active_share` of the cache held is on the kernel's active list, at least what is needed.
  void See(const LivedMinute& lived, double highest, int seconds, const Resources& in_force,
           double active_share);
  // A container began, with this much within its first second.
  void SeeStart(double level) { rise_ = std::max(rise_, level); }
  void SeeKill() { ++kills_; }
  [[nodiscard]] bool Any() const { return seconds_ > 0; }
  // The digest of the window that ends at `end`, and an empty view for the next.
  [[nodiscard]] model::MemoryDigest Close(TimePoint end, TimePoint container_start);

 private:
  double peak_ = 0;
  double sum_ = 0;
  double soft_sum_ = 0;
  double rise_ = 0;
  double usage_ = 0;
  double reread_ = 0;
  double active_sum_ = 0;
  double short_of_cache_minutes_ = 0;
  int seconds_ = 0;
  std::uint64_t kills_ = 0;
  bool censored_ = false;
  bool limit_moved_ = false;
  Bytes limit_{};
};

// The part of `held` cache that counts as working set.
[[nodiscard]] double ActiveCache(double held, double needed, double active_share);

// Cache that fits beside `hard` below the limit.
[[nodiscard]] double CacheHeld(double wanted, double hard, const Resources& in_force);

}  // namespace plimsoll::replay
