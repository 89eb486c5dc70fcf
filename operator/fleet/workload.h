// SPDX-License-Identifier: Apache-2.0
//
// A workload as the operator holds it: who it is, its pods, what is remembered, what is advised and
// what became of it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "advisor/history/container_history.h"
#include "advisor/model/container_key.h"
#include "advisor/recommend/recommendation.h"
#include "advisor/rollout/progress.h"
#include "advisor/rollout/step.h"
#include "operator/api/memory_recommendation.h"
#include "operator/api/mode.h"
#include "operator/api/patch_window.h"
#include "operator/fleet/guard_memory.h"
#include "operator/fleet/instance.h"
#include "operator/fleet/known_kills.h"
#include "operator/kube/objects/object_meta.h"
#include "operator/kube/objects/pod.h"

namespace plimsoll::fleet {

// The workload's own object. A bare pod is its own workload.
struct Identity {
  std::string api_version;  // "apps/v1"
  std::string uid;
  kube::Labels labels;  // of the workload object, never of the pod template
  kube::Labels annotations;
  // Why labels and annotations are those of a pod instead; empty: they are the workload's.
  std::string labels_problem{};
};

inline constexpr std::size_t kOomKinds = 6;

// The kills of one container: as a user wants them told, and which of them the history has.
struct Kills {
  std::optional<model::OomEvent> last{};            // of any kind
  std::optional<rollout::OomSeen> last_at_limit{};  // kContainerOom, kChildOom
  std::optional<TimePoint> last_pod_slice{};
  std::array<std::uint64_t, kOomKinds> counted{};  // by kind, since this process started
  KnownKills known{};
};

// What one container should have, by the last look.
struct Advice {
  recommend::Recommendation recommendation{};
  std::optional<Bytes> max_allowed{};
  bool excluded = false;
  bool request_is_ours = true;  // false: the policy leaves the request to its owner (LimitsOnly)
  bool limit_is_ours = true;    // false: the policy leaves the limit to its owner (RequestsOnly)
  bool knows_runtime = true;    // made when a runtime's stats had been seen, if there are any
};

// How the advice may be carried out.
struct Permission {
  api::Mode mode = api::Mode::kRecommend;
  std::optional<std::int32_t> min_change_percent{};
  std::optional<Bytes> min_change_bytes{};
  std::optional<std::int32_t> max_step_down_percent{};
  std::optional<Duration> cooldown{};
  std::vector<api::PatchWindow> windows{};  // of cuts; empty: at any time
  // Set when something beside the mode forbids patching: HPAOnMemory, FieldOwnedByOther, ...
  std::optional<recommend::Reason> forbidden{};
};

// How far it is carried out, for status; written by the one who carries it out.
struct Carried {
  bool settled = false;
  recommend::Reason reason{};
  std::optional<api::LastPatch> last_patch{};
};

// It holds no memory and no quota any more.
[[nodiscard]] inline bool IsOver(const kube::Pod& pod) {
  return pod.phase == kube::PodPhase::kSucceeded || pod.phase == kube::PodPhase::kFailed;
}

struct PodEntry {
  std::shared_ptr<const kube::Pod> pod;
  std::map<std::string, Instance> instances;  // by container name; of its running containers
  std::optional<TimePoint> pod_oom{};         // the newest kill at the pod's own limit

  // Which running container's readings are refused and why, as a sentence: the first where there
  // are several, empty where all are taken.
  [[nodiscard]] std::string Refused() const {
    for (const auto& [name, instance] : instances) {
      if (instance.refused.empty()) continue;
      const kube::ContainerStatus* status = pod->FindStatus(name);
      if (status == nullptr || status->state != kube::ContainerRunState::kRunning) continue;
      return "readings of container " + name + " on node " + pod->node.str() +
             " are refused: " + instance.refused;
    }
    return {};
  }
};

struct Workload {
  model::WorkloadKey key;
  Identity identity{};
  std::map<std::string, PodEntry> pods;                        // by UID
  std::map<std::string, history::ContainerHistory> histories;  // by container
  std::map<std::string, Kills> kills;                          // by container
  rollout::Progress progress{};
  std::map<std::string, Advice> advice;  // by container
  Permission permission{};
  Carried carried{};
  GuardMemory guard{};
  // Why what is learned would not survive a restart, or did not; absent: it does. With the code
  // CheckpointCurrent it does, but for what the message says.
  std::optional<recommend::Reason> unkept{};
  std::optional<TimePoint> empty_since{};  // without pods; see Fleet::Sweep

  // Null without pods.
  [[nodiscard]] const kube::Pod* NewestPod() const {
    const kube::Pod* newest = nullptr;
    for (const auto& [uid, entry] : pods) {
      if (newest == nullptr || newest->meta.created < entry.pod->meta.created) {
        newest = entry.pod.get();
      }
    }
    return newest;
  }
};

}  // namespace plimsoll::fleet
