// SPDX-License-Identifier: Apache-2.0
//
// Kills that only the pod's status tells: on a node without an agent, a run that ended as OOMKilled
// is the one trace there is (a child's kill leaves none). Each container start counts once. Where
// an agent is connected it tells them itself, earlier and with more, so a status waits for a minute
// before it counts. Evictions under memory pressure no agent tells of.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "advisor/model/container_key.h"
#include "advisor/model/oom_event.h"
#include "operator/kube/objects/pod.h"

namespace plimsoll::fleet {

struct Eviction;

struct StatusKill {
  model::ContainerKey key;
  std::string node;
  std::string container_id;  // of an eviction, which ends the whole pod, the pod's UID
  // Its id is the one that an agent gives a container's first kill; peak is not known, limit is the
  // pod's now. Without a limit it was the node that ran out.
  model::OomEvent event;
};

class StatusKills {
 public:
  inline static constexpr Duration kGrace = std::chrono::seconds(60);

  // Notes the runs that `pod` says were killed, and its eviction, unless seen before.
  void See(const model::WorkloadKey& key, const kube::Pod& pod);
  // Those that have waited long enough since the first call that found them, oldest first; those of
  // nodes with an agent are dropped, but for evictions.
  [[nodiscard]] std::vector<StatusKill> Due(
      TimePoint now, const std::function<bool(const std::string& node)>& has_agent);
  // The kill of this run was counted: an agent that tells of it later tells nothing new.
  void MarkCounted(const std::string& container_id) { counted_.insert(container_id); }
  [[nodiscard]] bool Counted(const std::string& container_id) const {
    return counted_.contains(container_id);
  }
  // The container, or the pod, is gone for good.
  void Forget(const std::string& id);

 private:
  void SeeEviction(const model::WorkloadKey& key, const kube::Pod& pod, const Eviction& eviction);

  struct Pending {
    StatusKill kill;
    std::optional<TimePoint> since{};  // the first Due that found it
  };
  std::vector<Pending> pending_;
  std::unordered_set<std::string> seen_;  // container IDs; UIDs of evicted pods
  std::unordered_set<std::string> counted_;
};

}  // namespace plimsoll::fleet
