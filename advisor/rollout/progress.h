// SPDX-License-Identifier: Apache-2.0
//
// What must be remembered of a rollout because it cannot be seen: when memory was last taken away
// and from what, what was refused, how long to leave a workload alone after a rollback. Part of the
// workload's checkpoint.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/model/policy.h"
#include "advisor/recommend/recommendation.h"
#include "advisor/rollout/step.h"

namespace plimsoll::rollout {

// The last cut of a container's limit, over all pods.
struct Cut {
  TimePoint time{};
  Bytes from{};  // what it goes back to when the cut is followed by a kill
  Bytes to{};
};

// What a run was tuned to; its stats show it only with their next report.
struct Tuned {
  std::string instance{};
  TimePoint time{};
  std::map<std::string, double> settings{};
  // Not empty: there was no answer, and why. Its stats show whether it was taken.
  std::string unanswered{};
  // Not empty: it was refused, and in which words. Then it is not asked the same before
  // refused_hold, and nothing before tune_again.
  std::string refused{};
};

// A step that may have been taken or not: there is no answer (rollout/unanswered.h).
struct Unanswered {
  Step step{};
  TimePoint sent{};
  bool told_by_sender = false;  // it still waits for the answer and tells users itself
  std::string why{};            // of a Tune: what is known of its fate
};

struct PodProgress {
  std::optional<TimePoint> patched{};                      // any resize of ours
  std::map<std::string, model::CurrentResources> wrote{};  // by container: what it asked for
  std::optional<TimePoint> cut{};                          // the last one that took memory away
  // The request: Deferred or Infeasible and reverted, or refused by the API server. Then only the
  // limit is raised until the hold ends.
  std::optional<TimePoint> refused{};
  recommend::Reason refused_why{};
  // The limit alone was refused as well: nothing is tried before the hold ends or a kill.
  std::optional<TimePoint> rejected{};
  // The guard's last raise. It asks for more than the advice does, so that nothing follows but
  // this: no limit may count on the guard. Not part of the checkpoint.
  std::optional<TimePoint> guard_refused{};
  recommend::Reason guard_refused_why{};
  std::map<std::string, Tuned> tuned{};  // by container
  // Resizes, newest last; settled by the next look at the pod. Cuts are put here, and into the
  // checkpoint, before they are sent: whoever comes after us must know of a cut to take it back.
  std::vector<Unanswered> unanswered{};
};

struct Progress {
  std::map<std::string, Cut> last_cut{};          // by container
  std::map<std::string, TimePoint> last_raise{};  // by container
  std::map<std::string, PodProgress> pods{};      // by pod UID; dropped with the pod
  std::optional<TimePoint> hold_until{};          // no cuts before
  std::optional<Duration> hold_length{};          // of the newest hold
};

}  // namespace plimsoll::rollout
