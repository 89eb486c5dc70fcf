// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/cluster/cluster_limits.h"

#include <algorithm>
#include <string_view>

#include "operator/api/codecs.h"
#include "operator/api/watch_problem.h"
#include "operator/kube/resources.h"

namespace plimsoll::cluster {
namespace {

// A kind that is installed later is noticed after so long at the latest.
constexpr Duration kAbsentRetry = std::chrono::minutes(1);

kube::InformerOptions Options(const Log& log, std::string_view plural) {
  kube::InformerOptions options;
  options.on_error = [&log, plural](const Error& error) {
    log.Warn("watch failed and is tried again",
             {{"resource", plural}, {"problem", error.message()}});
  };
  return options;
}

kube::InformerOptions OptionsUnlessAbsent(const Log& log, std::string_view plural) {
  kube::InformerOptions options = Options(log, plural);
  options.reflector.absent_retry = kAbsentRetry;
  return options;
}

// A ReplicaSet is named by its Deployment and the hash of its template.
bool IsReplicaSetOf(std::string_view deployment, const kube::Pod& pod, std::string_view owner) {
  const auto hash = kube::Find(pod.meta.labels, "pod-template-hash");
  return hash && owner == std::string(deployment) + "-" + std::string(*hash);
}

// An autoscaler's target is the workload, or what stands between that and its pods: where a custom
// resource owns a StatefulSet, the StatefulSet.
bool IsAbove(std::string_view kind, std::string_view name, const fleet::Workload& workload) {
  if (kind == workload.key.kind && name == workload.key.name) return true;
  return std::ranges::any_of(workload.pods, [&](const auto& entry) {
    const kube::OwnerReference* owner = entry.second.pod->meta.controller();
    if (owner == nullptr) return false;
    if (owner->kind == kind && owner->name == name) return true;
    return kind == "Deployment" && owner->kind == "ReplicaSet" &&
           IsReplicaSetOf(name, *entry.second.pod, owner->name.view());
  });
}

bool SetsMemoryOf(const api::VerticalPodAutoscaler& autoscaler, const fleet::Workload& workload) {
  if (!IsAbove(autoscaler.target.kind, autoscaler.target.name, workload)) return false;
  return std::ranges::any_of(workload.pods, [&](const auto& entry) {
    return std::ranges::any_of(entry.second.pod->containers, [&](const kube::Container& container) {
      return kube::LivesWithPod(container.kind) && autoscaler.SetsMemoryOf(container.name.view());
    });
  });
}

template <class T>
kube::IndexId IndexByNamespace(kube::Informer<T>& informer) {
  return informer.AddIndex([](const T& object, const auto& add) { add(object.meta.ns); });
}

}  // namespace

ClusterLimits::ClusterLimits(kube::Client& client, const Log& log)
    : nodes_(client, kube::NodeCodec(), Options(log, kube::kNodes.plural)),
      limit_ranges_(client, kube::LimitRangeCodec(), Options(log, kube::kLimitRanges.plural)),
      quotas_(client, kube::ResourceQuotaCodec(), Options(log, kube::kResourceQuotas.plural)),
      autoscalers_(client, kube::HorizontalPodAutoscalerCodec(),
                   Options(log, kube::kHorizontalPodAutoscalers.plural)),
      vertical_autoscalers_(client, api::VerticalPodAutoscalerCodec(),
                            OptionsUnlessAbsent(log, api::kVerticalPodAutoscalers.plural)),
      ranges_by_ns_(IndexByNamespace(limit_ranges_)),
      quotas_by_ns_(IndexByNamespace(quotas_)),
      autoscalers_by_ns_(IndexByNamespace(autoscalers_)),
      vertical_autoscalers_by_ns_(IndexByNamespace(vertical_autoscalers_)) {}

void ClusterLimits::Start() {
  nodes_.Start();
  limit_ranges_.Start();
  quotas_.Start();
  autoscalers_.Start();
  vertical_autoscalers_.Start();
}

void ClusterLimits::Stop() {
  nodes_.Stop();
  limit_ranges_.Stop();
  quotas_.Stop();
  autoscalers_.Stop();
  vertical_autoscalers_.Stop();
}

std::string ClusterLimits::SyncProblem() const {
  return api::FirstProblem({api::SyncProblem(nodes_), api::SyncProblem(limit_ranges_),
                            api::SyncProblem(quotas_), api::SyncProblem(autoscalers_),
                            api::SyncProblem(vertical_autoscalers_)});
}

model::Constraints ClusterLimits::ConstraintsFor(const kube::Pod& pod, const Part& part) const {
  model::Constraints constraints;
  constraints.guaranteed = pod.qos == kube::QosClass::kGuaranteed;
  for (const auto& range : limit_ranges_.ByIndex(ranges_by_ns_, pod.meta.ns)) {
    ApplyLimitRange(constraints, *range, part);
  }
  for (const auto& quota : quotas_.ByIndex(quotas_by_ns_, pod.meta.ns)) {
    ApplyQuota(constraints, *quota, part);
  }
  for (const auto& node : nodes_.List()) {
    if (!node->allocatable_memory || node->unschedulable) continue;
    constraints.node_allocatable = std::max(constraints.node_allocatable, node->allocatable_memory);
  }
  return constraints;
}

std::string ClusterLimits::MemoryAutoscalerOf(const fleet::Workload& workload) const {
  for (const auto& autoscaler : autoscalers_.ByIndex(autoscalers_by_ns_, workload.key.ns)) {
    if (autoscaler->targets_memory &&
        IsAbove(autoscaler->target_kind.view(), autoscaler->target_name.view(), workload)) {
      return autoscaler->meta.name.str();
    }
  }
  return {};
}

std::string ClusterLimits::VerticalAutoscalerOf(const fleet::Workload& workload) const {
  std::string found;
  for (const auto& autoscaler :
       vertical_autoscalers_.ByIndex(vertical_autoscalers_by_ns_, workload.key.ns)) {
    // Of several the first by name: what is told must not change from look to look.
    const std::string name = autoscaler->meta.name.str();
    if ((found.empty() || name < found) && SetsMemoryOf(*autoscaler, workload)) found = name;
  }
  return found;
}

std::optional<Bytes> ClusterLimits::AllocatableOf(const std::string& node) const {
  const auto found = nodes_.Get({"", node});
  return found ? found->allocatable_memory : std::nullopt;
}

}  // namespace plimsoll::cluster
