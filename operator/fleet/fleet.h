// SPDX-License-Identifier: Apache-2.0
//
// The shared state of the operator; see README.md. Thread-safe; every method is short. Listeners
// are called after the lock is released and may only enqueue.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "operator/fleet/stats_endpoint.h"
#include "operator/fleet/status_kills.h"
#include "operator/fleet/workload.h"

namespace plimsoll::fleet {

enum class Change { kPods, kReading, kOom, kAdvice, kCarried, kCheckpoint };

struct Listeners {
  std::function<void(const model::WorkloadKey&, Change)> on_workload;
  std::function<void(const std::string& node)> on_node;  // its set of containers changed
};

struct NodeState {
  bool connected = false;
  std::optional<Bytes> memory_available{};
  std::optional<TimePoint> last_report{};
  std::string agent_version;
  std::string cgroup_version;
  std::vector<std::string> missing;
  std::string problem;  // why it is not connected
};

// What the agent of a node should watch.
struct WatchedContainer {
  std::string pod_uid;
  std::string pod_name;
  std::string ns;
  std::string name;
  std::string container_id;
  std::string pod_ip;
  StatsEndpoint stats;
};

// A larger request that we wrote and the node has not given.
struct WaitingRequest {
  std::string container;
  kube::ContainerKind kind = kube::ContainerKind::kApp;
  Bytes asked;
  Bytes given;
};

// Everything the answer to an urgent reading depends on.
struct UrgentCase {
  ContainerRef ref;
  bool guaranteed = false;
  std::optional<Bytes> request{};
  std::optional<Bytes> asked{};  // the limit in the pod object; the node may not have followed yet
  std::optional<Bytes> max_allowed{};
  bool leak_suspected = false;
  std::optional<Bytes> node_available{};
  std::vector<WaitingRequest> waiting{};  // of the whole pod; they hold a raise back
  std::optional<Bytes> expected{};  // what the limit in force was made for (sizing/expected.h)
  std::string resource_version{};   // of the pod object that all this was read from
};

class Fleet {
 public:
  // Before anything else is called.
  void SetListeners(Listeners listeners) { listeners_ = std::move(listeners); }

  // ---- discovery ----
  void PutPod(const model::WorkloadKey& key, const Identity& identity,
              const std::shared_ptr<const kube::Pod>& pod);
  void RemovePod(const std::string& pod_uid, TimePoint now);
  // The workload's own object changed (labels, annotations).
  void PutIdentity(const model::WorkloadKey& key, const Identity& identity);
  // The workload that a pod was last put to.
  [[nodiscard]] std::optional<model::WorkloadKey> WorkloadOf(const std::string& pod_uid) const;
  [[nodiscard]] std::vector<WatchedContainer> WatchedOn(const std::string& node) const;
  // Whether the container or the pod is known to be on another node: then this one's agent can tell
  // nothing of it.
  [[nodiscard]] bool IsElsewhere(const std::string& node, const std::string& container_id,
                                 const std::string& pod_uid = {}) const;
  // The nodes that pods are bound to.
  [[nodiscard]] std::set<std::string> NodesWithPods() const;
  // A pod ran to its end; its status may tell of a kill. False: it is of no known workload.
  bool NoteEnd(const kube::Pod& pod);
  // The same of a pod that ended before anybody looked.
  void NoteEnd(const model::WorkloadKey& key, const kube::Pod& pod);
  // The namespace was deleted: what was learnt and decided of its workloads goes with it, also
  // where a namespace of that name, with workloads of these names, is there again already.
  void ForgetNamespace(const std::string& ns);
  // Forgets workloads that have had no pods for 35 days, those that end with their pods (Jobs, bare
  // pods, custom owners) for one; returns them.
  std::vector<model::WorkloadKey> Sweep(TimePoint now);

  // ---- sources ----
  enum class Taken { kYes, kDuplicate, kUnknownContainer, kRefused };
  Taken TakeDigest(const std::string& container_id, const model::MemoryDigest& digest);
  // A digest that could not be understood, and why: it stands until one of this container is.
  Taken TakeRefusal(const std::string& container_id, const std::string& problem);
  Taken TakeOom(const std::string& container_id, const std::string& pod_uid,
                const model::OomEvent& event);
  // Takes in the kills that only pod statuses tell (status_kills.h); how many. To be called every
  // half a minute or so, by the leader.
  int TakeStatusKills(TimePoint now);
  // `read_only`: they came over TCP, where nothing can be set.
  Taken TakeRuntime(const std::string& container_id, const model::RuntimeStats& stats,
                    bool read_only = false);
  Taken TakeRuntimeProblem(const std::string& container_id, std::string problem);
  void PutNode(const std::string& node, const std::function<void(NodeState&)>& change);
  [[nodiscard]] std::optional<NodeState> Node(const std::string& node) const;
  [[nodiscard]] std::map<std::string, NodeState> Nodes() const;
  // Present only where the container may be raised before the kill: auto-patch, a resizable
  // container, advice made with the guard on.
  [[nodiscard]] std::optional<UrgentCase> Urgent(const std::string& container_id) const;

  // ---- controllers ----
  [[nodiscard]] std::optional<Workload> Snapshot(const model::WorkloadKey& key) const;
  [[nodiscard]] std::vector<model::WorkloadKey> Keys() const;
  void PutAdvice(const model::WorkloadKey& key, std::map<std::string, Advice> advice,
                 Permission permission);
  // Whether it can be raised before the kill now; gives what advice may rely on.
  model::Guard UpdateGuard(const model::WorkloadKey& key, Guardable guardable, TimePoint now);
  // Read, change, write back in one go; nothing when the workload is gone, nobody is told when
  // nothing changed.
  void ChangeCarried(const model::WorkloadKey& key, const std::function<void(Carried&)>& change);
  void ChangeProgress(const model::WorkloadKey& key,
                      const std::function<rollout::Progress(rollout::Progress)>& change);

  // ---- checkpoints ----
  // What was stored by an earlier life; merged with what is known by now.
  void Restore(const model::WorkloadKey& key,
               const std::map<std::string, history::ContainerHistory>& histories,
               const std::map<std::string, Kills>& kills, const rollout::Progress& progress);
  // Every intake has a number. Nothing is stored up to a number while a workload holds an unstored
  // intake below it; an agent's report is acknowledged when all up to its number is stored.
  [[nodiscard]] std::uint64_t LastIntake() const;
  [[nodiscard]] std::uint64_t StoredUpTo() const;
  // Everything of the workload up to this intake number is stored (or did not change anything).
  void MarkStored(const model::WorkloadKey& key, std::uint64_t up_to);
  // Its checkpoint is refused, and only somebody's doing can change that: until it is stored after
  // all, what agents tell is acknowledged without it, for the sake of all others.
  void DoNotWaitFor(const model::WorkloadKey& key);
  [[nodiscard]] std::vector<model::WorkloadKey> Unstored() const;
  // The node's agent went away, perhaps with the readings that it kept until they are stored here:
  // those of its workloads are to be stored now, for nobody could tell them again.
  void StoreSoon(const std::string& node);
  // Workload::unkept. Nobody is told: the next look shows it.
  void PutUnkept(const model::WorkloadKey& key, std::optional<recommend::Reason> why);

 private:
  struct Held {
    Workload workload;
    std::uint64_t first_unstored = 0;  // 0: all stored
    std::uint64_t last_intake = 0;
    bool not_waited_for = false;
    // The last kill of each container that an earlier life stored: what statuses tell of the time
    // up to then was counted by it.
    std::map<std::string, history::Minute> restored_kill;
    // Likewise the last eviction: an older one that is told now was counted by it.
    std::map<std::string, history::Minute> restored_eviction;
    std::shared_ptr<const kube::Pod> youngest;  // of all seen by us, as first seen
  };

  Held& HoldLocked(const model::WorkloadKey& key);
  void MarkUnstoredLocked(Held& held);
  const ContainerRef* FindLocked(const std::string& container_id) const;
  Instance* InstanceLocked(const std::string& container_id);
  void IndexLocked(const model::WorkloadKey& key, const kube::Pod& pod);
  // The IDs of a pod that is gone are known no more.
  void ForgetPodLocked(const std::string& pod_uid);
  void Tell(const model::WorkloadKey& key, Change change) const;

  Listeners listeners_;
  mutable std::mutex mutex_;
  std::map<model::WorkloadKey, Held> workloads_;
  std::unordered_map<std::string, model::WorkloadKey> workload_of_pod_;  // by pod UID
  std::unordered_map<std::string, ContainerRef> refs_;                   // by container ID
  std::unordered_map<std::string, std::set<std::string>> ids_of_pod_;    // by pod UID
  std::map<std::string, std::set<std::string>> pods_on_node_;            // pod UIDs
  std::map<std::string, NodeState> nodes_;
  std::vector<std::pair<TimePoint, std::string>> departed_;  // pod UIDs whose IDs are still known
  StatusKills status_kills_;
  std::uint64_t intakes_ = 0;
};

}  // namespace plimsoll::fleet
