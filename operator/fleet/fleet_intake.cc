// SPDX-License-Identifier: Apache-2.0
//
// What the agents say goes into instances and histories, and what of it is stored already.
#include <algorithm>
#include <utility>

#include "operator/fleet/fleet.h"

namespace plimsoll::fleet {
namespace {

bool AtOwnLimit(model::OomKind kind) {
  return kind == model::OomKind::kContainerOom || kind == model::OomKind::kChildOom;
}

void NoteKill(Kills& kills, const model::OomEvent& event) {
  ++kills.counted[static_cast<std::size_t>(event.kind)];
  if (!kills.last || kills.last->time <= event.time) kills.last = event;
  if (AtOwnLimit(event.kind) && (!kills.last_at_limit || kills.last_at_limit->time <= event.time)) {
    kills.last_at_limit = rollout::OomSeen{.time = event.time, .limit = event.limit};
  }
  if (event.kind == model::OomKind::kPodSliceOom) {
    kills.last_pod_slice = std::max(kills.last_pod_slice.value_or(event.time), event.time);
  }
}

// False: the container's history has it already.
bool CountKill(Workload& workload, const std::string& container, const model::OomEvent& event) {
  const auto before = workload.kills.find(container);
  if (before != workload.kills.end() && before->second.known.Contains(event.id)) return false;
  if (workload.histories[container].Observe(event) == history::Intake::kDuplicate) return false;
  Kills& kills = workload.kills[container];
  kills.known.Add(event.id, event.time);
  NoteKill(kills, event);
  return true;
}

// What comes late is not the present. What comes as if from more than a minute before is: the
// node's clock was set back. (What an agent tells again comes in order, and ends with the present.)
bool IsThePresent(const std::optional<model::MemoryDigest>& held, const model::MemoryDigest& told) {
  return !held || held->window_end <= told.window_end ||
         held->window_end - told.window_end > std::chrono::minutes(1);
}

}  // namespace

void Fleet::MarkUnstoredLocked(Held& held) {
  ++intakes_;
  held.last_intake = intakes_;
  if (held.first_unstored == 0) held.first_unstored = intakes_;
}

const ContainerRef* Fleet::FindLocked(const std::string& container_id) const {
  const auto found = refs_.find(container_id);
  return found == refs_.end() ? nullptr : &found->second;
}

Instance* Fleet::InstanceLocked(const std::string& container_id) {
  const ContainerRef* ref = FindLocked(container_id);
  if (ref == nullptr) return nullptr;
  const auto held = workloads_.find(ref->key.workload);
  if (held == workloads_.end()) return nullptr;
  const auto entry = held->second.workload.pods.find(ref->pod_uid);
  if (entry == held->second.workload.pods.end()) return nullptr;
  // Of an earlier run of the container: history takes it, the present does not.
  const kube::ContainerStatus* status = entry->second.pod->FindStatus(ref->key.container);
  if (status == nullptr || BareContainerId(status->container_id) != container_id) return nullptr;
  return &entry->second.instances[ref->key.container];
}

Fleet::Taken Fleet::TakeDigest(const std::string& container_id, const model::MemoryDigest& digest) {
  std::optional<model::WorkloadKey> key;
  Taken taken = Taken::kYes;
  {
    const std::lock_guard lock(mutex_);
    const ContainerRef* ref = FindLocked(container_id);
    if (ref == nullptr) return Taken::kUnknownContainer;
    key = ref->key.workload;
    Held& held = HoldLocked(*key);
    const history::Intake intake =
        held.workload.histories[ref->key.container].Observe(ref->pod_uid, digest);
    if (intake == history::Intake::kTaken) {
      MarkUnstoredLocked(held);
    } else {
      taken = Taken::kRefused;
    }
    Instance* const instance = InstanceLocked(container_id);
    // A reading that no container can have is not the present one either.
    if (instance != nullptr && intake != history::Intake::kImplausible) {
      if (IsThePresent(instance->newest, digest)) instance->newest = digest;
      if (!instance->watched_since) instance->watched_since = digest.window_end;
      instance->hour_peak.Observe(digest.window_end, digest.hard_peak);
    }
    if (instance != nullptr && taken == Taken::kYes) instance->refused.clear();
  }
  Tell(*key, Change::kReading);
  return taken;
}

Fleet::Taken Fleet::TakeRefusal(const std::string& container_id, const std::string& problem) {
  std::optional<model::WorkloadKey> key;
  {
    const std::lock_guard lock(mutex_);
    Instance* instance = InstanceLocked(container_id);
    if (instance == nullptr) return Taken::kUnknownContainer;
    if (std::exchange(instance->refused, problem) == problem) return Taken::kDuplicate;
    key = refs_.at(container_id).key.workload;
  }
  Tell(*key, Change::kReading);
  return Taken::kYes;
}

Fleet::Taken Fleet::TakeOom(const std::string& container_id, const std::string& pod_uid,
                            const model::OomEvent& event) {
  std::optional<model::WorkloadKey> key;
  {
    const std::lock_guard lock(mutex_);
    if (event.kind == model::OomKind::kContainerOom && status_kills_.Counted(container_id)) {
      return Taken::kDuplicate;
    }
    std::vector<std::string> containers;
    if (const ContainerRef* ref = FindLocked(container_id)) {
      key = ref->key.workload;
      containers.push_back(ref->key.container);
    } else {
      const auto found = workload_of_pod_.find(pod_uid);
      if (found == workload_of_pod_.end()) return Taken::kUnknownContainer;
      const kube::Pod& pod = *workloads_.at(found->second).workload.pods.at(pod_uid).pod;
      // Laid to the pod as a whole, or to a container that its status does not show yet. With one
      // container there is no doubt; with several only a kill of the pod's own concerns all.
      const bool whole_pod = container_id.empty();
      if (!whole_pod && pod.containers.size() != 1) return Taken::kUnknownContainer;
      key = found->second;
      for (const kube::Container& container : pod.containers) {
        if (container.kind != kube::ContainerKind::kEphemeral) {
          containers.push_back(container.name.str());
        }
      }
    }
    Held& held = HoldLocked(*key);
    bool fresh = false;
    for (const std::string& container : containers) {
      if (CountKill(held.workload, container, event)) fresh = true;
    }
    if (!fresh) return Taken::kDuplicate;
    const auto entry = held.workload.pods.find(pod_uid);
    if (event.kind == model::OomKind::kPodSliceOom && entry != held.workload.pods.end()) {
      std::optional<TimePoint>& last = entry->second.pod_oom;
      last = std::max(last.value_or(event.time), event.time);
    }
    MarkUnstoredLocked(held);
  }
  Tell(*key, Change::kOom);
  return Taken::kYes;
}

int Fleet::TakeStatusKills(TimePoint now) {
  std::vector<model::WorkloadKey> changed;
  {
    const std::lock_guard lock(mutex_);
    const auto has_agent = [this](const std::string& node) {
      const auto state = nodes_.find(node);
      return state != nodes_.end() && state->second.connected;
    };
    // What an earlier life counted. Each container's end was its own; evictions are known by their
    // ids, unless they are older than the newest that was stored.
    const auto told_before = [](const Held& held, const StatusKill& kill) {
      const history::Minute minute = history::MinuteOf(kill.event.time);
      if (kill.event.kind == model::OomKind::kEvicted) {
        const auto stored = held.restored_eviction.find(kill.key.container);
        return stored != held.restored_eviction.end() && minute < stored->second;
      }
      const auto restored = held.restored_kill.find(kill.key.container);
      return restored != held.restored_kill.end() && minute <= restored->second;
    };
    for (const StatusKill& kill : status_kills_.Due(now, has_agent)) {
      const auto found = workloads_.find(kill.key.workload);
      if (found == workloads_.end()) continue;
      Held& held = found->second;
      const std::string& container = kill.key.container;
      if (told_before(held, kill)) continue;
      if (!CountKill(held.workload, container, kill.event)) continue;
      status_kills_.MarkCounted(kill.container_id);
      MarkUnstoredLocked(held);
      changed.push_back(kill.key.workload);
    }
  }
  for (const model::WorkloadKey& key : changed) Tell(key, Change::kOom);
  return static_cast<int>(changed.size());
}

Fleet::Taken Fleet::TakeRuntime(const std::string& container_id, const model::RuntimeStats& stats,
                                bool read_only) {
  std::optional<model::WorkloadKey> key;
  {
    const std::lock_guard lock(mutex_);
    const ContainerRef* ref = FindLocked(container_id);
    if (ref == nullptr) return Taken::kUnknownContainer;
    key = ref->key.workload;
    if (Instance* instance = InstanceLocked(container_id)) {
      if (instance->runtime) instance->gc_cpu_percent = GcCpuPercent(*instance->runtime, stats);
      instance->runtime = stats;
      instance->runtime_read_only = read_only;
      instance->runtime_problem.clear();
    }
    Held& held = HoldLocked(*key);
    held.workload.histories[ref->key.container].Observe(ref->pod_uid, stats);
    MarkUnstoredLocked(held);
  }
  Tell(*key, Change::kReading);
  return Taken::kYes;
}

Fleet::Taken Fleet::TakeRuntimeProblem(const std::string& container_id, std::string problem) {
  const std::lock_guard lock(mutex_);
  Instance* instance = InstanceLocked(container_id);
  if (instance == nullptr) return Taken::kUnknownContainer;
  instance->runtime.reset();
  instance->gc_cpu_percent.reset();
  instance->runtime_problem = std::move(problem);
  return Taken::kYes;
}

void Fleet::Restore(const model::WorkloadKey& key,
                    const std::map<std::string, history::ContainerHistory>& histories,
                    const std::map<std::string, Kills>& kills, const rollout::Progress& progress) {
  const std::lock_guard lock(mutex_);
  Held& held = HoldLocked(key);
  for (const auto& [container, history] : histories) {
    held.restored_kill[container] = std::max(history.oom().Last(model::OomKind::kContainerOom),
                                             history.oom().Last(model::OomKind::kNodeOom));
    held.restored_eviction[container] = history.oom().Last(model::OomKind::kEvicted);
    history::ContainerHistory merged = history;
    const auto known = held.workload.histories.find(container);
    if (known != held.workload.histories.end()) merged.Merge(known->second);
    held.workload.histories[container] = merged;
  }
  for (const auto& [container, kill] : kills) {
    Kills stored = kill;
    if (!histories.contains(container)) stored.known = {};  // a history that is lost has none
    const auto [now, fresh] = held.workload.kills.try_emplace(container, stored);
    if (fresh) continue;
    for (const KnownKills::Run& run : stored.known.runs()) now->second.known.Add(run);
  }
  held.workload.progress = progress;
}

std::uint64_t Fleet::LastIntake() const {
  const std::lock_guard lock(mutex_);
  return intakes_;
}

std::uint64_t Fleet::StoredUpTo() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t stored = intakes_;
  for (const auto& [key, held] : workloads_) {
    if (held.first_unstored == 0 || held.not_waited_for) continue;
    stored = std::min(stored, held.first_unstored - 1);
  }
  return stored;
}

void Fleet::MarkStored(const model::WorkloadKey& key, std::uint64_t up_to) {
  const std::lock_guard lock(mutex_);
  const auto found = workloads_.find(key);
  if (found == workloads_.end()) return;
  Held& held = found->second;
  held.not_waited_for = false;
  if (held.first_unstored == 0 || held.first_unstored > up_to) return;
  // What came in after the snapshot is not stored; its first number is not known any more, but it
  // is above up_to.
  held.first_unstored = held.last_intake > up_to ? up_to + 1 : 0;
}

void Fleet::DoNotWaitFor(const model::WorkloadKey& key) {
  const std::lock_guard lock(mutex_);
  const auto found = workloads_.find(key);
  if (found != workloads_.end()) found->second.not_waited_for = true;
}

std::vector<model::WorkloadKey> Fleet::Unstored() const {
  const std::lock_guard lock(mutex_);
  std::vector<model::WorkloadKey> keys;
  for (const auto& [key, held] : workloads_) {
    if (held.first_unstored != 0) keys.push_back(key);
  }
  return keys;
}

void Fleet::StoreSoon(const std::string& node) {
  std::set<model::WorkloadKey> unstored;
  {
    const std::lock_guard lock(mutex_);
    const auto pods = pods_on_node_.find(node);
    if (pods == pods_on_node_.end()) return;
    for (const std::string& uid : pods->second) {
      const auto key = workload_of_pod_.find(uid);
      if (key == workload_of_pod_.end()) continue;
      const auto held = workloads_.find(key->second);
      if (held != workloads_.end() && held->second.first_unstored != 0)
        unstored.insert(key->second);
    }
  }
  for (const model::WorkloadKey& key : unstored) Tell(key, Change::kCheckpoint);
}

void Fleet::PutUnkept(const model::WorkloadKey& key, std::optional<recommend::Reason> why) {
  const std::lock_guard lock(mutex_);
  const auto found = workloads_.find(key);
  if (found != workloads_.end()) found->second.workload.unkept = std::move(why);
}

}  // namespace plimsoll::fleet
