// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/node_watcher.h"

#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

#include "operator/agent/base/now.h"

namespace plimsoll::agent {
namespace {

constexpr Duration kSecond(1000);
constexpr Duration kTick(100);
constexpr Duration kRecheck(10);
constexpr Duration kRecheckFor(300);
constexpr Duration kUntoldEvery(5000);

}  // namespace

Result<std::unique_ptr<NodeWatcher>> NodeWatcher::Start(WatcherOptions options, ReportLog& log) {
  Result<Hierarchy> hierarchy = Hierarchy::Detect(options.cgroup_root);
  if (!hierarchy) return std::unexpected(hierarchy.error());
  Result<StateFile> state = StateFile::Open(options.state_dir);
  if (!state) return std::unexpected(state.error());
  std::unique_ptr<NodeWatcher> watcher(
      new NodeWatcher(std::move(options), log, *std::move(hierarchy), *std::move(state)));
  if (!watcher->inbox_.valid()) {
    return Fail(ErrorCode::kInternal, "no eventfd: raise the limit of open files");
  }
  watcher->thread_ = std::jthread([raw = watcher.get()](const std::stop_token& stop) {
    ::pthread_setname_np(::pthread_self(), "watcher");
    raw->Run(stop);
  });
  return watcher;
}

NodeWatcher::NodeWatcher(WatcherOptions options, ReportLog& log, Hierarchy hierarchy,
                         StateFile state)
    : options_(std::move(options)),
      log_(log),
      hierarchy_(std::move(hierarchy)),
      state_(std::move(state)),
      adopter_(hierarchy_) {
  PublishTargets();
  poller_.Add(inbox_.fd(), {Poller::What::kInbox, ""}, false, false);
  last_round_ = Now().time_since_epoch().count();
  OpenKernelLog();
  if (!options_.look_at_processes) return;
  Result<ProcessTable> processes = ProcessTable::Open(options_.proc_root);
  if (processes) {
    processes_ = *std::move(processes);
  } else {
    spdlog::warn("processes cannot be looked at: {}", processes.error().message());
  }
}

void NodeWatcher::OpenKernelLog() {
  std::unique_ptr<KernelLog> kernel_log;
  if (options_.look_at_processes) {
    Result<std::unique_ptr<KernelLog>> opened = KernelLog::Open(options_.kernel_log);
    if (opened) {
      kernel_log = *std::move(opened);
    } else {
      spdlog::warn("no kernel log, OOM kills are told by counters: {}", opened.error().message());
    }
  }
  oom_.emplace(hierarchy_, std::move(kernel_log), [this](const std::string& id) {
    const auto found = watched_.find(id);
    return found == watched_.end() ? nullptr : found->second.watch.get();
  });
  if (oom_->log_fd() >= 0) {
    poller_.Add(oom_->log_fd(), {Poller::What::kKernelLog, ""}, false, false);
  }
}

NodeWatcher::~NodeWatcher() {
  thread_.request_stop();
  inbox_.Wake();
}

std::shared_ptr<const std::vector<AppTarget>> NodeWatcher::Targets() const {
  const std::lock_guard lock(targets_mutex_);
  return targets_;
}

void NodeWatcher::PublishTargets() {
  auto targets = std::make_shared<std::vector<AppTarget>>();
  for (const auto& [id, watched] : watched_) {
    const ContainerWatch& watch = *watched.watch;
    targets->push_back({watch.spec(), watch.init ? watch.init->pid : 0});
  }
  targets_changed_ = false;
  const std::lock_guard lock(targets_mutex_);
  targets_ = std::move(targets);
}

bool NodeWatcher::Healthy() const {
  return Now().time_since_epoch().count() - last_round_ < 10'000;
}

void NodeWatcher::Run(const std::stop_token& stop) {
  Recall();
  next_second_ = Now() + kSecond;
  while (!stop.stop_requested()) {
    for (const Poller::Event& event : poller_.Wait(UntilNext(Now()))) HandleEvent(event);
    const Instant now = Now();
    last_round_ = now.time_since_epoch().count();
    if (const auto due = adopter_.NextDue(); due && now >= *due) Locate();
    if (now >= next_tick_) {
      next_tick_ = now + kTick;
      EveryTick();
    }
    if (now >= next_second_) {
      // Seconds that a stopped or starved process missed are not caught up.
      next_second_ = std::max(next_second_ + kSecond, now + kSecond / 2);
      EverySecond();
    }
    EveryRecheck(now);
    SettleKills();
    if (targets_changed_) PublishTargets();
    if (now >= next_status_) SendStatus();
    if (now >= next_save_) SaveState();
  }
  for (auto& [id, watched] : watched_) {
    if (auto digest = watched.watch->TakeWindow(WallNow(), options_.window, true)) {
      v1::Report report;
      *report.mutable_digest() = *std::move(digest);
      log_.Append(std::move(report));
    }
  }
  SaveState();
}

Duration NodeWatcher::UntilNext(Instant now) const {
  Instant next = std::min({next_second_, next_status_, next_save_});
  if (const std::optional<Instant> due = oom_->NextDue()) next = std::min(next, *due);
  if (const std::optional<Instant> due = adopter_.NextDue()) next = std::min(next, *due);
  const bool tick = std::ranges::any_of(watched_ | std::views::values, [](const Watched& watched) {
    return watched.watch->near() || watched.rearm_events.has_value();
  });
  if (tick) next = std::min(next, next_tick_);
  const bool recheck =
      std::ranges::any_of(watched_ | std::views::values,
                          [now](const Watched& watched) { return watched.recheck_until > now; });
  if (recheck) next = std::min(next, now + kRecheck);
  return std::max(Duration(0), next - now);
}

void NodeWatcher::HandleEvent(const Poller::Event& event) {
  if (event.key.what == Poller::What::kInbox) {
    TakeInbox();
    return;
  }
  if (event.key.what == Poller::What::kKernelLog) return oom_->ReadLog(Now());
  const auto found = watched_.find(event.key.container_id);
  if (found == watched_.end()) return;
  Watched& watched = found->second;
  if (hierarchy_.version == CgroupVersion::kV1) {
    eventfd_t ignored = 0;
    ::eventfd_read(event.fd, &ignored);
  }
  const Instant now = Now();
  if (event.key.what == Poller::What::kEvents) {
    // A container that lives at its limit by throwing out cache has such events without end: the
    // first of a burst is answered at once, the next ones ten times a second.
    if (now - watched.events_seen >= kTick) {
      poller_.Rearm(event.token);
    } else {
      watched.rearm_events = now + kTick;
    }
    watched.events_seen = now;
    if (hierarchy_.version == CgroupVersion::kV1) watched.recheck_until = now + kRecheckFor;
    oom_->Check(*watched.watch, WallNow(), now);
    if (oom_->NextDue() && oom_->log_fd() < 0) oom_->ReadLog(now);
  }
  const Status read = watched.watch->Read(WallNow(), now);
  if (!read) return Complain(watched, read.error());
  AfterReading(watched);
}

void NodeWatcher::TakeInbox() {
  const Inbox::Mail mail = inbox_.Take();
  if (mail.remember) next_save_ = std::min(next_save_, Now() + kSecond);
  if (mail.watch) {
    ApplyWatch(*mail.watch);
    next_save_ = Now();
  }
  if (mail.greet || mail.watch) SendStatus();
}

void NodeWatcher::ApplyWatch(const v1::WatchSet& watch) {
  wanted_ = watch;
  targets_changed_ = true;
  std::map<std::string, v1::Container> wanted;
  for (const v1::Container& container : watch.containers()) {
    wanted.insert_or_assign(container.container_id(), container);
  }
  std::vector<std::string> unwanted;
  for (const auto& [id, watched] : watched_) {
    if (!wanted.contains(id)) unwanted.push_back(id);
  }
  for (const std::string& id : unwanted) Finish(id);
  std::map<std::string, v1::Container> missing;
  for (auto& [id, container] : wanted) {
    const auto known = watched_.find(id);
    if (known == watched_.end()) {
      missing.emplace(id, std::move(container));
    } else {
      known->second.watch->Respecify(std::move(container));
    }
  }
  adopter_.Want(std::move(missing), Now());
  if (adopter_.NextDue()) Locate();
}

void NodeWatcher::Locate() {
  for (std::unique_ptr<ContainerWatch>& watch : adopter_.Look(Now(), WallNow())) {
    Adopt(std::move(watch));
  }
}

void NodeWatcher::Adopt(std::unique_ptr<ContainerWatch> watch) {
  const std::string id = watch->id();
  Watched& watched = watched_[id];
  watched.watch = std::move(watch);
  const bool v2 = hierarchy_.version == CgroupVersion::kV2;
  if (const int fd = watched.watch->group().EventFd(); fd >= 0) {
    watched.events_token = poller_.Add(fd, {Poller::What::kEvents, id}, v2, true);
  }
  FindInit(*watched.watch);
  targets_changed_ = true;
  const Status read = watched.watch->Read(WallNow(), Now());
  if (read) {
    AfterReading(watched);
  } else {
    Complain(watched, read.error());
  }
  TimePoint earliest = watched.watch->init ? watched.watch->init->started : WallNow();
  if (watched_before_.erase(id) > 0) earliest = saved_before_;
  oom_->Check(*watched.watch, WallNow(), Now(), earliest);
}

void NodeWatcher::FindInit(ContainerWatch& watch) {
  if (!processes_ || watch.init) return;
  if (const Result<std::vector<int>> pids = watch.group().Processes()) {
    watch.init = processes_->FindInit(*pids);
    targets_changed_ = targets_changed_ || watch.init.has_value();
  }
}

// Looks again at the counters of containers where an OOM was announced, until it has shown.
void NodeWatcher::EveryRecheck(Instant now) {
  bool any = false;
  for (auto& [id, watched] : watched_) {
    if (watched.recheck_until <= now) continue;
    any = true;
    oom_->Check(*watched.watch, WallNow(), now);
  }
  if (any && oom_->log_fd() < 0) oom_->ReadLog(now);
}

void NodeWatcher::SettleKills() {
  const std::vector<v1::Oom> events = oom_->Settle(Now());
  if (events.empty()) return;
  for (const v1::Oom& event : events) {
    spdlog::info("OOM kill {}: {} in pod {}, victim '{}'", event.id(),
                 v1::Oom::Kind_Name(event.kind()), event.pod_uid(), event.victim());
    v1::Report report;
    *report.mutable_oom() = event;
    log_.Append(std::move(report));
  }
  SaveState();
}

void NodeWatcher::EverySecond() {
  std::vector<std::string> gone;
  for (auto& [id, watched] : watched_) {
    const Status read = watched.watch->Sample(WallNow(), Now());
    if (!read && read.error().code() == ErrorCode::kGone) {
      gone.push_back(id);
      continue;
    }
    if (!read) {
      Complain(watched, read.error());
      continue;
    }
    AfterReading(watched);
    FindInit(*watched.watch);
    // The kernel wakes us for a kill where it can; only what it does not tell of (v1: the node's
    // own OOM) has to be looked for.
    const bool told = watched.events_token != 0;
    if (const Instant now = Now(); !told || now - watched.counted >= kUntoldEvery) {
      watched.counted = now;
      oom_->Check(*watched.watch, WallNow(), now);
    }
    if (auto digest = watched.watch->TakeWindow(WallNow(), options_.window, false)) {
      v1::Report report;
      *report.mutable_digest() = *std::move(digest);
      log_.Append(std::move(report));
    }
  }
  // A container that is gone may have been killed: a log that does not wake us is asked now.
  if (!gone.empty() || oom_->NextDue()) {
    if (oom_->log_fd() < 0) oom_->ReadLog(Now());
  }
  for (const std::string& id : gone) Finish(id);
  adopter_.ForgetPods();
}

void NodeWatcher::EveryTick() {
  const Instant now = Now();
  for (auto& [id, watched] : watched_) {
    if (watched.rearm_events && *watched.rearm_events <= now) {
      watched.rearm_events.reset();
      poller_.Rearm(watched.events_token);
    }
    if (!watched.watch->near()) continue;
    const Result<bool> read = watched.watch->Glance(WallNow(), now);
    if (!read) {
      Complain(watched, read.error());
      continue;
    }
    AfterReading(watched);
  }
}

void NodeWatcher::AfterReading(Watched& watched) {
  watched.complained = false;
  ContainerWatch& watch = *watched.watch;
  if (watch.TakeWakeChange()) {
    if (watched.wake_token != 0) poller_.Drop(watched.wake_token);
    const bool v2 = hierarchy_.version == CgroupVersion::kV2;
    watched.wake_token =
        watch.wake_fd() < 0
            ? 0
            : poller_.Add(watch.wake_fd(), {Poller::What::kWake, watch.id()}, v2, false);
  }
  if (auto digest = watch.TakeUrgent(WallNow(), Now())) log_.Urgent(*std::move(digest));
}

void NodeWatcher::Complain(Watched& watched, const Error& error) {
  // Gone is no complaint: the next second ends the watch.
  if (error.code() == ErrorCode::kGone || std::exchange(watched.complained, true)) return;
  spdlog::warn("container {}: this reading is left out: {}", watched.watch->id(), error.message());
}

void NodeWatcher::Finish(const std::string& id) {
  const auto found = watched_.find(id);
  if (found == watched_.end()) return;
  if (auto digest = found->second.watch->TakeWindow(WallNow(), options_.window, true)) {
    v1::Report report;
    *report.mutable_digest() = *std::move(digest);
    log_.Append(std::move(report));
  }
  poller_.Drop(found->second.events_token);
  poller_.Drop(found->second.wake_token);
  watched_.erase(found);
  targets_changed_ = true;
}

}  // namespace plimsoll::agent
