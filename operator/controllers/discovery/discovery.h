// SPDX-License-Identifier: Apache-2.0
//
// Keeps the fleet in step with the cluster: which pods there are and to which workload each
// belongs. Runs on every replica, so that a standby knows the cluster when it takes over.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "operator/config/log.h"
#include "operator/controllers/discovery/custom_owners.h"
#include "operator/controllers/discovery/top_owner.h"
#include "operator/controllers/worker.h"
#include "operator/fleet/fleet.h"
#include "operator/kube/informer.h"
#include "operator/kube/work_queue.h"

namespace plimsoll::discovery {

class Discovery {
 public:
  // `client` and `fleet` must outlive it.
  Discovery(kube::Client& client, fleet::Fleet& fleet, const Log& log);

  void Start();
  void Stop();
  // Every collection is complete, and every pod of the first list is in the fleet (needs Run) or
  // had an owner that could not be looked up, which is tried again. Stays true.
  [[nodiscard]] bool HasSynced() const { return SyncProblem().empty(); }
  // What is not, and why; empty when HasSynced.
  [[nodiscard]] std::string SyncProblem() const;
  // The oldest word from the server over all collections; absent before the first.
  [[nodiscard]] std::optional<Duration> LastEventAge() const;

  // A worker: puts pods to their workloads until stopped.
  void Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse);

  [[nodiscard]] const kube::WorkQueue<kube::ObjectKey>& queue() const { return queue_; }
  [[nodiscard]] const controllers::ReconcileStats& stats() const { return stats_; }

 private:
  using OwnerInformer = kube::Informer<kube::PartialObject>;

  [[nodiscard]] Status Reconcile(const kube::ObjectKey& key);
  [[nodiscard]] Result<std::optional<kube::ObjectMeta>> Lookup(
      const kube::OwnerReference& reference, const std::string& ns);
  void HandlePod(const std::shared_ptr<const kube::Pod>& old,
                 const std::shared_ptr<const kube::Pod>& now, bool initial);
  void HandleOwner(const kube::Resource& resource, const kube::ObjectMeta& meta);

  kube::Client& client_;
  fleet::Fleet& fleet_;
  const Log& log_;
  controllers::ReconcileStats stats_;  // before the queue, which tells it how long keys waited
  kube::WorkQueue<kube::ObjectKey> queue_;
  kube::Informer<kube::Pod> pods_;
  std::vector<std::pair<kube::Resource, std::unique_ptr<OwnerInformer>>> owners_;
  mutable std::atomic<bool> placed_{false};
  CustomOwners custom_owners_;
};

}  // namespace plimsoll::discovery
