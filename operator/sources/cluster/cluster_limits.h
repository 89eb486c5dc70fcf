// SPDX-License-Identifier: Apache-2.0
//
// What the cluster allows at a place: LimitRanges and ResourceQuotas of the namespace, what the
// nodes have to give, and who else steers the workload (a HorizontalPodAutoscaler on memory, a
// VerticalPodAutoscaler that sets it).
#pragma once

#include <optional>
#include <string>

#include "advisor/model/container_key.h"
#include "advisor/model/policy.h"
#include "operator/api/vertical_pod_autoscaler.h"
#include "operator/config/log.h"
#include "operator/fleet/workload.h"
#include "operator/kube/informer.h"
#include "operator/sources/cluster/namespace_bounds.h"

namespace plimsoll::cluster {

class ClusterLimits {
 public:
  // `client` must outlive it.
  ClusterLimits(kube::Client& client, const Log& log);

  void Start();
  void Stop();
  // Which collection is not complete yet, and why; empty when all are.
  [[nodiscard]] std::string SyncProblem() const;

  // For one container of this pod, which has this part of its workload; QoS as the pod has it.
  [[nodiscard]] model::Constraints ConstraintsFor(const kube::Pod& pod, const Part& part) const;
  // Name of an autoscaler that scales the workload by memory; empty: none.
  [[nodiscard]] std::string MemoryAutoscalerOf(const fleet::Workload& workload) const;
  // Name of a VerticalPodAutoscaler that sets memory of a container of the workload while its pods
  // run; empty: none, or the cluster has no such kind.
  [[nodiscard]] std::string VerticalAutoscalerOf(const fleet::Workload& workload) const;
  // Of one node; absent: the node is not known or does not say.
  [[nodiscard]] std::optional<Bytes> AllocatableOf(const std::string& node) const;

 private:
  kube::Informer<kube::Node> nodes_;
  kube::Informer<kube::LimitRange> limit_ranges_;
  kube::Informer<kube::ResourceQuota> quotas_;
  kube::Informer<kube::HorizontalPodAutoscaler> autoscalers_;
  kube::Informer<api::VerticalPodAutoscaler> vertical_autoscalers_;
  kube::IndexId ranges_by_ns_;
  kube::IndexId quotas_by_ns_;
  kube::IndexId autoscalers_by_ns_;
  kube::IndexId vertical_autoscalers_by_ns_;
};

}  // namespace plimsoll::cluster
