// SPDX-License-Identifier: Apache-2.0
//
// Discovery's side and the views; sources and checkpoints are in fleet_intake.cc.
#include "operator/fleet/fleet.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "advisor/sizing/expected.h"
#include "operator/api/reasons.h"

namespace plimsoll::fleet {
namespace {

// Reports about a pod may come after its deletion; its container IDs are known so much longer.
constexpr Duration kDepartedGrace = std::chrono::minutes(10);
// The longest pause between two runs of one workload: a month. What ends with its object has names
// that nobody uses again, and there are many: a CI system's Jobs.
constexpr Duration kForgetAfter = std::chrono::hours(24 * 35);
constexpr Duration kForgetEndedAfter = std::chrono::hours(24);

Duration KeptWithoutPods(const model::WorkloadKey& key) {
  static const std::set<std::string_view> kLasting{
      "Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "ReplicationController"};
  return kLasting.contains(key.kind) ? kForgetAfter : kForgetEndedAfter;
}

// Telling of what did not change would set the controllers going round in circles.
bool SameCarried(const Carried& a, const Carried& b) {
  return a.settled == b.settled && a.reason.code == b.reason.code &&
         a.reason.message == b.reason.message && a.last_patch == b.last_patch;
}

// A new image or template (an environment variable that bounds the heap, an argument, a sidecar) is
// a new release. Templates are told apart by the hash that their controllers label each pod with;
// Jobs and bare pods have none.
void ObserveReleases(Workload& workload, const kube::Pod& pod) {
  std::string_view revision;
  for (const std::string_view label : {"pod-template-hash", "controller-revision-hash"}) {
    if (const auto hash = kube::Find(pod.meta.labels, label)) revision = *hash;
  }
  for (const kube::Container& container : pod.containers) {
    if (container.kind == kube::ContainerKind::kEphemeral) continue;
    const std::string release = container.image.str() + " " + std::string(revision);
    workload.histories[container.name.str()].ObserveRelease(pod.meta.created, release);
  }
}

std::vector<WaitingRequest> WaitingRequests(const kube::Pod& pod,
                                            const rollout::Progress& progress) {
  std::vector<WaitingRequest> waiting;
  const kube::PodCondition* pending = pod.FindCondition("PodResizePending");
  const auto memory = progress.pods.find(pod.meta.uid.str());
  if (pending == nullptr || pending->status != kube::ConditionStatus::kTrue) return waiting;
  if (memory == progress.pods.end()) return waiting;
  for (const kube::Container& container : pod.containers) {
    const kube::ContainerStatus* status = pod.FindStatus(container.name);
    const auto wrote = memory->second.wrote.find(container.name.str());
    if (status == nullptr || !status->resources || wrote == memory->second.wrote.end()) continue;
    const std::optional<Bytes> asked = container.resources.requests.memory;
    const std::optional<Bytes> given = status->resources->requests.memory;
    if (!asked || !given || *given >= *asked || wrote->second.request != asked) continue;
    waiting.push_back({.container = container.name.str(),
                       .kind = container.kind,
                       .asked = *asked,
                       .given = *given});
  }
  return waiting;
}

}  // namespace

Fleet::Held& Fleet::HoldLocked(const model::WorkloadKey& key) {
  Held& held = workloads_[key];
  held.workload.key = key;
  return held;
}

void Fleet::Tell(const model::WorkloadKey& key, Change change) const {
  if (listeners_.on_workload) listeners_.on_workload(key, change);
}

void Fleet::IndexLocked(const model::WorkloadKey& key, const kube::Pod& pod) {
  const std::string uid = pod.meta.uid.str();
  const auto add = [&](std::string_view full_id, const kube::ContainerStatus& status) {
    if (full_id.empty()) return;
    const std::string id = BareContainerId(full_id);
    refs_[id] = {.key = {key, status.name.str()},
                 .pod_uid = uid,
                 .pod_name = pod.meta.name.str(),
                 .node = pod.node.str(),
                 .kind = status.kind};
    ids_of_pod_[uid].insert(id);
  };
  for (const kube::ContainerStatus& status : pod.statuses) {
    add(status.container_id, status);
    // Kills of the run before are often reported after the next has begun.
    if (status.terminated) add(status.terminated->container_id, status);
    if (status.last_terminated) add(status.last_terminated->container_id, status);
  }
}

void Fleet::PutPod(const model::WorkloadKey& key, const Identity& identity,
                   const std::shared_ptr<const kube::Pod>& pod) {
  const std::string uid = pod->meta.uid.str();
  const std::string node = pod->node.str();
  {
    const std::lock_guard lock(mutex_);
    const auto before = workload_of_pod_.find(uid);
    if (before != workload_of_pod_.end() && before->second != key) {
      workloads_[before->second].workload.pods.erase(uid);
    }
    workload_of_pod_[uid] = key;
    if (!node.empty()) pods_on_node_[node].insert(uid);
    Held& held = HoldLocked(key);
    held.workload.identity = identity;
    held.workload.empty_since.reset();
    PodEntry& entry = held.workload.pods[uid];
    const bool first_sight = entry.pod == nullptr;
    const auto previous = std::exchange(entry.pod, pod);
    for (const kube::ContainerStatus& status : pod->statuses) {
      const kube::ContainerStatus* was = previous ? previous->FindStatus(status.name) : nullptr;
      if (was != nullptr && was->container_id != status.container_id) {
        entry.instances.erase(status.name.str());
      }
    }
    IndexLocked(key, *pod);
    status_kills_.See(key, *pod);
    if (first_sight) {
      ObserveReleases(held.workload, *pod);
      // Pods come in any order; what an older one runs is not what came last.
      if (held.youngest && pod->meta.created < held.youngest->meta.created) {
        ObserveReleases(held.workload, *held.youngest);
      } else {
        held.youngest = pod;
      }
    }
  }
  Tell(key, Change::kPods);
  if (listeners_.on_node && !node.empty()) listeners_.on_node(node);
}

bool Fleet::NoteEnd(const kube::Pod& pod) {
  const std::lock_guard lock(mutex_);
  const auto found = workload_of_pod_.find(pod.meta.uid.str());
  if (found == workload_of_pod_.end()) return false;
  status_kills_.See(found->second, pod);
  return true;
}

void Fleet::NoteEnd(const model::WorkloadKey& key, const kube::Pod& pod) {
  const std::lock_guard lock(mutex_);
  status_kills_.See(key, pod);
}

void Fleet::RemovePod(const std::string& pod_uid, TimePoint now) {
  std::optional<model::WorkloadKey> key;
  std::string node;
  {
    const std::lock_guard lock(mutex_);
    const auto found = workload_of_pod_.find(pod_uid);
    if (found == workload_of_pod_.end()) return;
    key = found->second;
    workload_of_pod_.erase(found);
    Workload& workload = workloads_[*key].workload;
    const auto entry = workload.pods.find(pod_uid);
    if (entry != workload.pods.end()) {
      node = entry->second.pod->node.str();
      workload.pods.erase(entry);
    }
    if (workload.pods.empty()) workload.empty_since = now;
    pods_on_node_[node].erase(pod_uid);
    if (pods_on_node_[node].empty()) pods_on_node_.erase(node);
    departed_.emplace_back(now, pod_uid);
  }
  Tell(*key, Change::kPods);
  if (listeners_.on_node && !node.empty()) listeners_.on_node(node);
}

void Fleet::PutIdentity(const model::WorkloadKey& key, const Identity& identity) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = workloads_.find(key);
    if (found == workloads_.end()) return;
    found->second.workload.identity = identity;
  }
  Tell(key, Change::kPods);
}

std::optional<model::WorkloadKey> Fleet::WorkloadOf(const std::string& pod_uid) const {
  const std::lock_guard lock(mutex_);
  const auto found = workload_of_pod_.find(pod_uid);
  if (found == workload_of_pod_.end()) return std::nullopt;
  return found->second;
}

std::set<std::string> Fleet::NodesWithPods() const {
  const std::lock_guard lock(mutex_);
  std::set<std::string> nodes;
  for (const auto& [node, uids] : pods_on_node_) nodes.insert(nodes.end(), node);
  return nodes;
}

bool Fleet::IsElsewhere(const std::string& node, const std::string& container_id,
                        const std::string& pod_uid) const {
  const std::lock_guard lock(mutex_);
  const auto is_other = [&](std::string_view known) { return !known.empty() && known != node; };
  const ContainerRef* ref = FindLocked(container_id);
  if (ref != nullptr && is_other(ref->node)) return true;
  const auto found = workload_of_pod_.find(pod_uid);
  if (found == workload_of_pod_.end()) return false;
  return is_other(workloads_.at(found->second).workload.pods.at(pod_uid).pod->node.view());
}

std::vector<WatchedContainer> Fleet::WatchedOn(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  std::vector<WatchedContainer> watched;
  const auto uids = pods_on_node_.find(node);
  if (uids == pods_on_node_.end()) return watched;
  for (const std::string& uid : uids->second) {
    const auto& pods = workloads_.at(workload_of_pod_.at(uid)).workload.pods;
    const kube::Pod& pod = *pods.at(uid).pod;
    if (IsOver(pod)) continue;
    for (const kube::ContainerStatus& status : pod.statuses) {
      if (status.container_id.empty() || status.kind == kube::ContainerKind::kEphemeral) continue;
      watched.push_back({.pod_uid = uid,
                         .pod_name = pod.meta.name.str(),
                         .ns = pod.meta.ns.str(),
                         .name = status.name.str(),
                         .container_id = BareContainerId(status.container_id),
                         .pod_ip = pod.ip.str(),
                         .stats = StatsEndpointOf(pod, status.name.view())});
    }
  }
  return watched;
}

void Fleet::ForgetNamespace(const std::string& ns) {
  std::vector<model::WorkloadKey> changed;
  {
    const std::lock_guard lock(mutex_);
    // What its departed pods still tell of must not begin a history anew.
    std::erase_if(departed_, [&](const auto& departed) {
      const std::set<std::string>& ids = ids_of_pod_[departed.second];
      const auto ref = ids.empty() ? refs_.end() : refs_.find(*ids.begin());
      const bool keep = ref == refs_.end() || ref->second.key.workload.ns != ns;
      if (!keep) ForgetPodLocked(departed.second);
      return !keep;
    });
    std::erase_if(workloads_, [&](const auto& entry) {
      return entry.first.ns == ns && entry.second.workload.pods.empty();
    });
    for (auto& [key, held] : workloads_) {
      if (key.ns != ns) continue;
      held.workload.histories.clear();
      held.workload.kills.clear();
      held.workload.progress = {};
      held.workload.unkept.reset();
      held.restored_kill.clear();
      held.restored_eviction.clear();
      MarkUnstoredLocked(held);
      changed.push_back(key);
    }
  }
  for (const model::WorkloadKey& key : changed) Tell(key, Change::kReading);
}

void Fleet::ForgetPodLocked(const std::string& pod_uid) {
  for (const std::string& id : ids_of_pod_[pod_uid]) {
    refs_.erase(id);
    status_kills_.Forget(id);
  }
  status_kills_.Forget(pod_uid);
  ids_of_pod_.erase(pod_uid);
}

std::vector<model::WorkloadKey> Fleet::Sweep(TimePoint now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(departed_, [&](const auto& departed) {
    if (now - departed.first < kDepartedGrace) return false;
    ForgetPodLocked(departed.second);
    return true;
  });
  std::vector<model::WorkloadKey> forgotten;
  for (auto& [key, held] : workloads_) {
    // Restored from a checkpoint, and no pod came.
    if (held.workload.pods.empty() && !held.workload.empty_since) held.workload.empty_since = now;
    // A newer operator's checkpoint is left as it is: forgetting it would write over it.
    const auto& unkept = held.workload.unkept;
    if (unkept && unkept->code == api::reason::kCheckpointNewer) continue;
    if (held.workload.empty_since && now - *held.workload.empty_since >= KeptWithoutPods(key)) {
      forgotten.push_back(key);
    }
  }
  for (const model::WorkloadKey& key : forgotten) workloads_.erase(key);
  return forgotten;
}

std::optional<Workload> Fleet::Snapshot(const model::WorkloadKey& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = workloads_.find(key);
  if (found == workloads_.end()) return std::nullopt;
  return found->second.workload;
}

std::vector<model::WorkloadKey> Fleet::Keys() const {
  const std::lock_guard lock(mutex_);
  std::vector<model::WorkloadKey> keys;
  keys.reserve(workloads_.size());
  for (const auto& [key, held] : workloads_) keys.push_back(key);
  return keys;
}

void Fleet::PutAdvice(const model::WorkloadKey& key, std::map<std::string, Advice> advice,
                      Permission permission) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = workloads_.find(key);
    if (found == workloads_.end()) return;
    found->second.workload.advice = std::move(advice);
    found->second.workload.permission = std::move(permission);
  }
  Tell(key, Change::kAdvice);
}

model::Guard Fleet::UpdateGuard(const model::WorkloadKey& key, Guardable guardable, TimePoint now) {
  const std::lock_guard lock(mutex_);
  const auto found = workloads_.find(key);
  if (found == workloads_.end()) return {};
  return found->second.workload.guard.Update(guardable, now);
}

void Fleet::ChangeCarried(const model::WorkloadKey& key,
                          const std::function<void(Carried&)>& change) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = workloads_.find(key);
    if (found == workloads_.end()) return;
    Carried carried = found->second.workload.carried;
    change(carried);
    if (SameCarried(found->second.workload.carried, carried)) return;
    found->second.workload.carried = std::move(carried);
  }
  Tell(key, Change::kCarried);
}

void Fleet::ChangeProgress(const model::WorkloadKey& key,
                           const std::function<rollout::Progress(rollout::Progress)>& change) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = workloads_.find(key);
    if (found == workloads_.end()) return;
    rollout::Progress& progress = found->second.workload.progress;
    progress = change(std::move(progress));
    MarkUnstoredLocked(found->second);
  }
  Tell(key, Change::kCheckpoint);
}

void Fleet::PutNode(const std::string& node, const std::function<void(NodeState&)>& change) {
  const std::lock_guard lock(mutex_);
  change(nodes_[node]);
}

std::optional<NodeState> Fleet::Node(const std::string& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(node);
  if (found == nodes_.end()) return std::nullopt;
  return found->second;
}

std::map<std::string, NodeState> Fleet::Nodes() const {
  const std::lock_guard lock(mutex_);
  return nodes_;
}

std::optional<UrgentCase> Fleet::Urgent(const std::string& container_id) const {
  const std::lock_guard lock(mutex_);
  const ContainerRef* ref = FindLocked(container_id);
  if (ref == nullptr || !kube::LivesWithPod(ref->kind)) return std::nullopt;
  const auto found = workloads_.find(ref->key.workload);
  if (found == workloads_.end()) return std::nullopt;
  const Workload& workload = found->second.workload;
  if (workload.permission.mode != api::Mode::kAutoPatch || workload.permission.forbidden) {
    return std::nullopt;
  }
  const auto advice = workload.advice.find(ref->key.container);
  if (advice == workload.advice.end() || advice->second.excluded || !advice->second.limit_is_ours) {
    return std::nullopt;
  }
  const auto entry = workload.pods.find(ref->pod_uid);
  if (entry == workload.pods.end()) return std::nullopt;
  const kube::Container* container = entry->second.pod->FindContainer(ref->key.container);
  // A raise that restarts the container would be the death that it is to prevent.
  if (container == nullptr || container->memory_resize_policy != kube::ResizePolicy::kNotRequired) {
    return std::nullopt;
  }
  UrgentCase urgent{.ref = *ref,
                    .guaranteed = entry->second.pod->qos == kube::QosClass::kGuaranteed,
                    .request = container->resources.requests.memory,
                    .asked = container->resources.limits.memory,
                    .max_allowed = advice->second.max_allowed,
                    .resource_version = entry->second.pod->meta.resource_version.str()};
  for (const recommend::Reason& reason : advice->second.recommendation.reasons) {
    if (reason.code == "LeakSuspected") urgent.leak_suspected = true;
  }
  // A Guaranteed pod's limit is its request: there is nothing to take back beside it.
  if (!urgent.guaranteed) {
    urgent.waiting = WaitingRequests(*entry->second.pod, workload.progress);
  }
  const auto node = nodes_.find(ref->node);
  if (node != nodes_.end() && node->second.connected) {
    urgent.node_available = node->second.memory_available;
  }
  const auto history = workload.histories.find(ref->key.container);
  if (history != workload.histories.end()) {
    const TimePoint newest = history::TimeOf(history->second.last_minute());
    urgent.expected = sizing::ExpectedDemand(history->second, newest);
  }
  return urgent;
}

}  // namespace plimsoll::fleet
