// SPDX-License-Identifier: Apache-2.0
//
// From the kernel's signals to OOM events: reads counters and the kernel's log, lets KillLedger put
// together what belongs together, looks at the cgroup while it still stands, waits until it is
// clear whether PID 1 survived. Lives on the watcher's thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operator/agent/cgroup/hierarchy.h"
#include "operator/agent/cgroup/kube_path.h"
#include "operator/agent/oom/kernel_log.h"
#include "operator/agent/oom/kill_ledger.h"
#include "operator/agent/watch/container_watch.h"

namespace plimsoll::agent {

class OomWatch {
 public:
  // The container under watch with this id; nullptr: none.
  using FindWatch = std::function<ContainerWatch*(const std::string&)>;

  // `log` may be null: then levels are told by counters.
  OomWatch(const Hierarchy& hierarchy, std::unique_ptr<KernelLog> log, FindWatch find);

  [[nodiscard]] bool has_log() const { return log_ != nullptr; }
  // Readable when the log has news; -1: it has to be asked, or there is none.
  [[nodiscard]] int log_fd() const { return log_ ? log_->fd() : -1; }

  // Takes in the log's news, and before each kill of it the counter of its container.
  void ReadLog(Instant now);
  // Compares a container's kill counter with what is known. `earliest`: for the first look at a
  // container, since when its kills may have happened unseen. False: it cannot be read.
  bool Check(ContainerWatch& watch, TimePoint wall, Instant now,
             std::optional<TimePoint> earliest = std::nullopt);

  // When Settle has something to do next; nullopt: no kill is pending.
  [[nodiscard]] std::optional<Instant> NextDue() const;
  // The events of all kills that are clear by now.
  [[nodiscard]] std::vector<v1::Oom> Settle(Instant now);

  // State across restarts. Restore comes before the first ReadLog. Owners of unwatched containers
  // are forgotten a day after their last kill.
  void Restore(const v1::AgentState& state);
  void Save(v1::AgentState& state, TimePoint now);

 private:
  // What was seen of a kill's cgroups when it was noticed.
  struct Scene {
    KillEvidence evidence;
    LimitsSeen limits;
    std::optional<Bytes> peak{};
    std::optional<TimePoint> started{};
    bool with_log = false;
    bool clear = false;  // no need to wait: PID 1 itself was the victim, or the whole group
  };
  void Survey();
  // Takes in the counter of the container that `task`, the victim's cgroup, is of; false: it does
  // not count this kill, cannot be read, or nobody watches it.
  [[nodiscard]] bool CountFor(const KubePath& task, std::size_t task_length, TimePoint wall,
                              Instant now);
  [[nodiscard]] Scene Look(const PendingKill& kill) const;
  [[nodiscard]] Instant DueOf(const PendingKill& kill) const;
  [[nodiscard]] bool ContainerDied(const PendingKill& kill) const;
  [[nodiscard]] std::unique_ptr<MemoryGroup> OpenByLog(const PendingKill& kill, bool pod) const;

  const Hierarchy& hierarchy_;
  const std::unique_ptr<KernelLog> log_;
  const FindWatch find_;
  KernelKillParser parser_;
  KillLedger ledger_;
  std::map<std::string, Scene> scenes_;  // by kill id
  std::uint64_t restored_usec_ = 0;      // lines up to here were settled before a restart
  std::uint64_t newest_usec_ = 0;
};

}  // namespace plimsoll::agent
