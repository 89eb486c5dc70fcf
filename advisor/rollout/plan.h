// SPDX-License-Identifier: Apache-2.0
//
// Where a workload should come to, and by which rules it may go there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/recommend/recommendation.h"
#include "advisor/rollout/capability.h"

namespace plimsoll::rollout {

struct ContainerTarget {
  std::string container{};
  std::optional<Bytes> request{};  // absent: leave it
  std::optional<Bytes> limit{};    // absent: leave it
  bool may_shrink = false;
  std::string why_not_shrink{};  // for people, when it may not
  // Settings that belong to `limit`; those in bytes are scaled to whatever limit is in force.
  std::vector<recommend::Setting> settings{};
  bool knows_runtime = true;  // false: made before any stats of a runtime had come
  std::optional<Bytes> max_allowed{};
};

// sizing.md §D and §E; the defaults are the documented ones.
struct Rules {
  // A change must exceed its share and the bytes, unless a kill asks for it. A request that changes
  // moves no boundary of the kernel's, only what the scheduler keeps free: less is worth it.
  Ratio min_change{0.05};          // of a limit
  Ratio min_request_change{0.02};  // of a request
  Bytes min_change_bytes{4LL << 20};
  Ratio max_step_down{0.15};
  // A lower limit must leave this much above usage now and above the last hour's peak.
  Ratio usage_guard{0.90};
  Ratio peak_guard{0.95};
  Duration cooldown = std::chrono::minutes(10);  // between two cuts of one pod
  Duration bake = std::chrono::minutes(10);      // of the first pod before the others follow
  Duration deferred_patience = std::chrono::seconds(60);
  Duration refused_hold = std::chrono::minutes(10);  // before asking again for what was refused
  Duration rollback_watch = std::chrono::minutes(30);
  Duration hold_down = std::chrono::hours(24);  // after a rollback; doubles up to max_hold_down
  Duration max_hold_down = std::chrono::hours(7 * 24);
  Duration tune_shows = std::chrono::seconds(15);  // until stats show what a runtime was told
  // A runtime that took settings before has not told of itself: how long a cut waits for that.
  Duration runtime_patience = std::chrono::minutes(5);
  // Before a runtime is told again: after no answer and stats that show none, or other settings
  // than those that it refused.
  Duration tune_again = std::chrono::seconds(30);
  Duration reading_fresh = std::chrono::seconds(45);  // three digests
};

// The policy's windows are closed.
struct Closed {
  std::string message{};  // for people: when the next one opens
  Duration opens_in{};
};

struct Plan {
  std::vector<ContainerTarget> targets{};
  Rules rules{};
  Capability capability{};
  // For cuts alone: what gives memory never waits, a rollback too; nor does taking back what the
  // node would not give.
  std::optional<Closed> closed{};
};

}  // namespace plimsoll::rollout
