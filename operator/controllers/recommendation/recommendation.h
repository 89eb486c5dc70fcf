// SPDX-License-Identifier: Apache-2.0
//
// One MemoryRecommendation per workload: asks the advisor, hands its answer to whoever carries it
// out, and writes what a user sees, when it changes.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>
#include <unordered_map>

#include "advisor/recommend/recommend.h"
#include "operator/api/watch_problem.h"
#include "operator/config/log.h"
#include "operator/controllers/recommendation/status.h"
#include "operator/controllers/worker.h"
#include "operator/fleet/fleet.h"
#include "operator/fleet/key_hash.h"
#include "operator/kube/applier.h"
#include "operator/kube/event_recorder.h"
#include "operator/kube/informer.h"
#include "operator/kube/work_queue.h"
#include "operator/sources/cluster/cluster_limits.h"

namespace plimsoll::recommendation {

struct GuardState {
  fleet::Guardable guardable = fleet::Guardable::kNever;
  std::string problem;  // why it is not now
};

struct Collaborators {
  kube::Client& client;  // of writes; must be fenced by the lease
  fleet::Fleet& fleet;
  cluster::ClusterLimits& limits;
  kube::EventRecorder& events;
  const Log& log;
  PolicyLookup policy;
  std::function<GuardState()> guard;
};

class Recommendations {
 public:
  // `reader` is the client of the informer; it may be an unfenced one.
  Recommendations(kube::Client& reader, Collaborators with);

  void Start() { shown_.Start(); }
  void Stop() { shown_.Stop(); }
  // Why what is shown is not known yet; empty when it is.
  [[nodiscard]] std::string SyncProblem() const { return api::SyncProblem(shown_); }
  // Up to which resource version our own copy of the objects is complete.
  [[nodiscard]] std::string SeenVersion() const { return shown_.ResourceVersion(); }

  // Asks for a look; readings are gathered for a few seconds, the rest is urgent.
  void Enqueue(const model::WorkloadKey& key, fleet::Change change);
  // A worker; only the leader runs it.
  void Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse);

  [[nodiscard]] const kube::WorkQueue<model::WorkloadKey, fleet::KeyHash>& queue() const {
    return queue_;
  }
  [[nodiscard]] const controllers::ReconcileStats& stats() const { return stats_; }

 private:
  [[nodiscard]] Status Reconcile(const model::WorkloadKey& key);
  [[nodiscard]] std::map<std::string, fleet::Advice> Advise(
      const fleet::Workload& workload, const std::map<std::string, ContainerFacts>& facts,
      const ResolvedPolicy& policy, const model::Guard& guard,
      const api::MemoryRecommendation* shown, TimePoint now) const;
  [[nodiscard]] GuardState GuardOf(const fleet::Workload& workload, const ResolvedPolicy& policy,
                                   const fleet::Permission& permission,
                                   const std::map<std::string, fleet::NodeState>& nodes,
                                   TimePoint now) const;
  [[nodiscard]] fleet::Permission PermissionFor(const fleet::Workload& workload,
                                                const ResolvedPolicy& policy) const;
  [[nodiscard]] Status ShowWithoutPods(const fleet::Workload& workload,
                                       const api::MemoryRecommendation& shown, TimePoint now);
  [[nodiscard]] Status Write(const fleet::Workload& workload,
                             api::MemoryRecommendationStatus status,
                             const api::MemoryRecommendation* shown, TimePoint now);
  // Makes the object, or takes over what is there; its generation.
  [[nodiscard]] Result<std::int64_t> Make(const api::MemoryRecommendation& object);
  [[nodiscard]] Status Remove(const kube::ObjectKey& key);
  void Announce(const fleet::Workload& workload, const api::MemoryRecommendationStatus& before,
                const api::MemoryRecommendationStatus& now);

  // Whether this workload's kill is to be told: not older than a day, and none as late was told.
  // Our own copy of what is shown, which tells what an earlier life told, may be behind what we
  // wrote.
  [[nodiscard]] bool IsNews(const model::WorkloadKey& key, TimePoint kill, TimePoint now);

  Collaborators with_;
  std::mutex mutex_;
  std::unordered_map<model::WorkloadKey, TimePoint, fleet::KeyHash> told_kills_;  // of the last day
  controllers::ReconcileStats stats_;  // before the queue, which tells it how long keys waited
  kube::WorkQueue<model::WorkloadKey, fleet::KeyHash> queue_;
  kube::Informer<api::MemoryRecommendation> shown_;
  kube::Applier status_applier_;
};

}  // namespace plimsoll::recommendation
