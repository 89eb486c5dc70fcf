// SPDX-License-Identifier: Apache-2.0
//
// The agent's one sampling thread. Once a second it reads every container, ten times a second those
// that near their limit, at once those the kernel wakes it for; digests, urgent readings and OOM
// events go to the ReportLog. It never blocks on anything but its own wait.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "operator/agent/cgroup/hierarchy.h"
#include "operator/agent/collectors/app_channel.h"
#include "operator/agent/oom/oom_watch.h"
#include "operator/agent/server/report_log.h"
#include "operator/agent/watch/adopter.h"
#include "operator/agent/watch/container_watch.h"
#include "operator/agent/watch/inbox.h"
#include "operator/agent/watch/poller.h"
#include "operator/agent/watch/process.h"
#include "operator/agent/watch/state_file.h"

namespace plimsoll::agent {

struct WatcherOptions {
  std::string cgroup_root = "/sys/fs/cgroup";
  std::string proc_root = "/proc";
  bool look_at_processes = true;  // agent.access: process; else neither /proc nor the kernel's log
  std::string kernel_log = "/dev/kmsg";
  std::string state_dir;  // empty: a restart knows nothing of what was before
  Duration window{15'000};
};

class NodeWatcher {
 public:
  // Errors: as Hierarchy::Detect; kInternal when the kernel gives no epoll or eventfd.
  [[nodiscard]] static Result<std::unique_ptr<NodeWatcher>> Start(WatcherOptions options,
                                                                  ReportLog& log);
  // Stops the thread.
  ~NodeWatcher();

  // Replaces the set of containers to watch. From any thread; returns at once.
  void Watch(v1::WatchSet watch) { inbox_.Watch(std::move(watch)); }
  // Sends a NodeStatus soon: an operator has connected.
  void Greet() { inbox_.Greet(); }
  // Writes the state down soon: the operator has taken reports in.
  void Remember() { inbox_.Remember(); }

  // The containers under watch, for those who talk to their apps. From any thread.
  [[nodiscard]] std::shared_ptr<const std::vector<AppTarget>> Targets() const;

  // False when the thread has not come round for 10 s.
  [[nodiscard]] bool Healthy() const;

 private:
  struct Watched {
    std::unique_ptr<ContainerWatch> watch;
    std::uint64_t events_token = 0;
    std::uint64_t wake_token = 0;
    Instant events_seen{};
    std::optional<Instant> rearm_events{};
    Instant counted{};        // when its kill counter was last looked at
    Instant recheck_until{};  // v1: the kernel tells of an OOM before it has counted the kill
    bool complained = false;  // about unreadable files, once
  };

  NodeWatcher(WatcherOptions options, ReportLog& log, Hierarchy hierarchy, StateFile state);
  void OpenKernelLog();
  void Recall();
  void Run(const std::stop_token& stop);
  [[nodiscard]] Duration UntilNext(Instant now) const;
  void HandleEvent(const Poller::Event& event);
  void TakeInbox();
  void ApplyWatch(const v1::WatchSet& watch);
  void Locate();
  void Adopt(std::unique_ptr<ContainerWatch> watch);
  void EverySecond();
  void EveryTick();
  void AfterReading(Watched& watched);
  void FindInit(ContainerWatch& watch);
  void EveryRecheck(Instant now);
  void SettleKills();
  void SaveState();
  void PublishTargets();
  void Complain(Watched& watched, const Error& error);
  // Ends the watch of a container whose cgroup has gone: sends what its window holds.
  void Finish(const std::string& id);
  void SendStatus();

  const WatcherOptions options_;
  ReportLog& log_;
  const Hierarchy hierarchy_;
  const StateFile state_;
  std::optional<ProcessTable> processes_;
  std::optional<OomWatch> oom_;
  Poller poller_;
  Inbox inbox_;

  mutable std::mutex targets_mutex_;
  std::shared_ptr<const std::vector<AppTarget>> targets_;

  // The thread's own.
  bool targets_changed_ = true;
  Adopter adopter_;
  std::map<std::string, Watched> watched_;  // by container id
  // Watched by the process before us, and when it last wrote that down.
  std::set<std::string> watched_before_;
  TimePoint saved_before_{};
  v1::WatchSet wanted_;
  Instant next_second_{}, next_tick_{}, next_status_{}, next_save_{};
  bool save_failed_ = false;
  std::atomic<std::int64_t> last_round_{0};

  std::jthread thread_;
};

}  // namespace plimsoll::agent
