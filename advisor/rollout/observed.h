// SPDX-License-Identifier: Apache-2.0
//
// What is seen of a workload's pods right now, by the two witnesses that matter: the pod object
// (what was asked for) and the agent (what the kernel has). The next step is chosen from these
// alone, so a crash resumes where it stopped.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/model/oom_event.h"
#include "advisor/model/policy.h"

namespace plimsoll::rollout {

// The agent's newest word on one running container. Absent limits mean unlimited.
struct Reading {
  TimePoint time{};
  Bytes usage{};           // cache included: what the kubelet compares a lower limit with
  Bytes hard{};            // highest hard memory of the newest window
  Bytes hard_peak_hour{};  // highest of the last hour, or since the container started
  std::optional<Bytes> limit{};
  std::optional<Bytes> pod_limit{};
  bool pressure = false;  // stalls above 0.1 % or refaults: not the time to take memory away
};

// What the process's runtime has set now; a setting that is not there was not reported.
struct RuntimeState {
  bool accepts_tuning = false;
  std::string set_by_user{};                 // why not, as in model::RuntimeStats
  std::map<std::string, double> settings{};  // "GOMEMLIMIT" -> bytes, "GOGC" -> percent
};

// A run that ended with an exit code other than 0, in whole seconds as the kubelet tells it.
struct BadEnd {
  TimePoint started{};
  TimePoint finished{};
};

struct ContainerState {
  std::string name{};
  std::string instance{};  // of this run: the container ID
  bool running = false;
  model::CurrentResources spec{};                   // the pod object's wish
  std::optional<model::CurrentResources> actual{};  // the kubelet's word; absent: not reported
  std::optional<Reading> reading{};                 // absent: no fresh reading
  std::optional<RuntimeState> runtime{};
  std::string runtime_problem{};             // there is an endpoint, and why it tells nothing
  bool tuning = false;                       // it was sent a Tune whose answer is waited for
  std::optional<TimePoint> watched_since{};  // the first reading of this run that came to us
  std::optional<BadEnd> bad_end{};           // the newest; absent: none known
};

// The kubelet's answer to a resize it has not carried out.
enum class ResizeStatus { kNone, kInProgress, kDeferred, kInfeasible };

struct PodState {
  std::string uid{};
  std::string name{};
  bool guaranteed = false;
  bool ready = false;
  ResizeStatus resize = ResizeStatus::kNone;
  std::optional<TimePoint> resize_since{};
  std::string resize_message{};
  std::optional<TimePoint> pod_oom{};  // the newest kill at the pod's own limit
  // Only those that a resize can change: app containers and native sidecars.
  std::vector<ContainerState> containers{};
  // The limits of the others that run beside them; absent: one of these has none.
  std::optional<Bytes> other_limits{Bytes(0)};
};

// The newest kill that the container's own limit caused (kContainerOom, kChildOom).
struct OomSeen {
  TimePoint time{};
  std::optional<Bytes> limit{};
};

struct WorkloadState {
  std::vector<PodState> pods{};               // without those that are being deleted or are done
  std::map<std::string, OomSeen> last_oom{};  // by container
};

}  // namespace plimsoll::rollout
