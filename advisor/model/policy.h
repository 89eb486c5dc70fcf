// SPDX-License-Identifier: Apache-2.0
//
// What the user allows and asks for, resolved for one container: the CRD's words in advisor's
// types.
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"

namespace plimsoll::model {

// The price of an OOM kill in days of baseline memory: 5, 15 and 30 (sizing.md §G.2, K).
enum class Objective { kSavings, kBalanced, kReliability };

// Which of the two numbers Plimsoll may set.
enum class Controlled { kRequestsAndLimits, kRequestsOnly, kLimitsOnly, kNone };

// A Guaranteed pod's two numbers stay equal: who may not set the one cannot set the other.
[[nodiscard]] constexpr bool ControlsRequest(Controlled controlled, bool guaranteed) {
  return controlled == Controlled::kRequestsAndLimits ||
         (controlled == Controlled::kRequestsOnly && !guaranteed);
}

[[nodiscard]] constexpr bool ControlsLimit(Controlled controlled, bool guaranteed) {
  return controlled == Controlled::kRequestsAndLimits ||
         (controlled == Controlled::kLimitsOnly && !guaranteed);
}

struct Policy {
  Objective objective = Objective::kBalanced;
  Controlled controlled = Controlled::kRequestsAndLimits;
  std::optional<Bytes> min_allowed{};
  std::optional<Bytes> max_allowed{};
  // How long a container must have been observed before anything of it may be cut. Advice is shown
  // from the first minutes on; this only holds back shrinking.
  Duration minimum_observation = std::chrono::hours(24);
};

// What the cluster allows at this place; applied last, and each one that bites is shown.
struct Constraints {
  std::optional<Bytes> limit_range_min{};
  std::optional<Bytes> limit_range_max{};
  std::optional<Ratio> limit_range_max_ratio{};  // limit / request
  std::optional<Bytes> node_allocatable{};       // of the largest node that this pod may land on
  std::optional<Bytes> quota_share{};            // what one container's request may come to
  bool guaranteed = false;                       // QoS Guaranteed: request and limit stay equal
};

// What the container asks for today; absent: the template sets none.
struct CurrentResources {
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};
};

// Whether a raise can be in force within seconds of need (DESIGN §5). When the guard is lost the
// limit goes up to the unguarded value first.
struct Guard {
  bool active = false;
  Duration reaction{2000};  // from the reading to the new limit in the cgroup
  // Since when it is active without a break; absent: long enough. Limits come down to the guarded
  // value only after ten minutes.
  std::optional<TimePoint> since{};
};

}  // namespace plimsoll::model
