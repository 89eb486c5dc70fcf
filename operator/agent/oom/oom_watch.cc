// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/oom/oom_watch.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "advisor/base/unix_nano.h"
#include "operator/api/text.h"

namespace plimsoll::agent {
namespace {

// A process that got SIGKILL needs this long to be gone, and PID 1 to follow its child if it will.
constexpr Duration kSettle(150);
// Without the log the victim is not known, and a large one takes longer to be gone.
constexpr Duration kSettleBlind(300);
// The kernel has 15; what it cut within a character becomes one of its own.
constexpr std::size_t kLongestName = 64;
constexpr auto kLongestMemory = std::chrono::hours(24);

std::uint64_t Wire(Bytes bytes) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes.count()));
}

std::optional<Bytes> Larger(std::optional<Bytes> a, std::optional<Bytes> b) {
  return a && b ? std::max(a, b) : (a ? a : b);
}

// Which of our levels the cgroup of the log is; what is above the pods is the node's.
OomLevel LevelOf(const KernelKill& kill) {
  if (!kill.by_cgroup) return OomLevel::kNode;
  const std::optional<KubePath> path = ParseKubePath(kill.oom_cgroup);
  if (!path) return OomLevel::kNode;
  return path->container_id.empty() ? OomLevel::kPod : OomLevel::kContainer;
}

// The same from counters: the one that hit its limit since they were last looked at.
OomLevel LevelOf(CgroupVersion version, const EventCounts& was, const EventCounts& is,
                 const EventCounts& pod_was, const EventCounts& pod_is) {
  const bool v1 = version == CgroupVersion::kV1;
  if (v1 ? is.max != was.max : is.oom != was.oom) return OomLevel::kContainer;
  if (v1 ? pod_is.max != pod_was.max : pod_is.oom != pod_was.oom) return OomLevel::kPod;
  return OomLevel::kNode;
}

// Whether somebody in the group lives on. A process that got SIGKILL keeps the group populated
// until its memory is freed, on a busy machine longer than any fixed wait: it is still listed as a
// member at first, later only counted.
bool Outlived(const MemoryGroup& group, const PendingKill& kill) {
  if (!group.Populated().value_or(false)) return false;
  const Result<std::vector<int>> pids = group.Processes();
  if (!kill.log || !pids || group.HasSubgroups()) return true;
  return std::ranges::any_of(*pids, [&kill](int pid) { return pid != kill.log->pid; });
}

}  // namespace

OomWatch::OomWatch(const Hierarchy& hierarchy, std::unique_ptr<KernelLog> log, FindWatch find)
    : hierarchy_(hierarchy), log_(std::move(log)), find_(std::move(find)) {}

void OomWatch::ReadLog(Instant now) {
  if (!log_) return;
  const TimePoint wall_now =
      std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  for (const KernelLine& line : log_->ReadNew()) {
    newest_usec_ = std::max(newest_usec_, line.usec);
    const std::optional<KernelKill> kill = parser_.Feed(line);
    if (!kill) continue;
    const std::optional<KubePath> path = ParseKubePath(kill->task_cgroup);
    // The log's clock may run ahead of the wall's; no kill is of the future.
    const TimePoint wall = std::min(WallOfKernelTime(kill->usec), wall_now);
    if (!path || kill->usec <= restored_usec_ || wall < wall_now - kLongestMemory) continue;
    const bool counted = CountFor(*path, kill->task_cgroup.size(), wall_now, now);
    ledger_.Logged({path->pod_uid, path->container_id}, *kill, wall, now, counted);
  }
  Survey();
}

bool OomWatch::CountFor(const KubePath& task, std::size_t task_length, TimePoint wall,
                        Instant now) {
  // v1 counts a kill in the victim's own cgroup alone, which may be one below the container's.
  const bool inside = task_length > task.container_length;
  if (task.container_id.empty() || (inside && hierarchy_.version == CgroupVersion::kV1)) {
    return false;
  }
  ContainerWatch* watch = find_(task.container_id);
  return watch && Check(*watch, wall, now);
}

bool OomWatch::Check(ContainerWatch& watch, TimePoint wall, Instant now,
                     std::optional<TimePoint> earliest) {
  const Result<EventCounts> counts = watch.group().ReadEvents();
  if (!counts) return false;
  const EventCounts was = std::exchange(watch.counts_seen, *counts);
  // Most looks find nothing; only the first one takes the pod's counters besides.
  if (counts->oom_kill == was.oom_kill && counts->oom_group_kill == was.oom_group_kill &&
      !earliest) {
    return true;
  }
  EventCounts& pod_from = watch.pod().level_from;
  const EventCounts pod_is = watch.pod().group->ReadEvents().value_or(pod_from);
  // A group kill counts once, however many processes it takes; only the group counter moves last,
  // so where whole groups are killed it alone is looked at.
  const bool groups = counts->oom_kill > 0 && watch.group().KillsWholeGroup().value_or(false);
  const std::uint64_t kills = groups ? counts->oom_group_kill : counts->oom_kill;
  if (kills > 0) {
    KillLedger::Count count;
    count.kills = kills;
    count.source = hierarchy_.version == CgroupVersion::kV1 ? "oom_control" : "memory.events";
    count.wall = wall;
    count.now = now;
    count.earliest = earliest;
    count.level = earliest
                      ? OomLevel::kContainer
                      : LevelOf(hierarchy_.version, watch.level_from, *counts, pod_from, pod_is);
    ledger_.Counted({watch.spec().pod_uid(), watch.id()}, count);
  }
  // What was hit has been answered by this kill and explains no other.
  if (kills != (groups ? was.oom_group_kill : was.oom_kill)) {
    pod_from = pod_is;
    watch.level_from = *counts;
  }
  Survey();
  return true;
}

void OomWatch::Survey() {
  for (const PendingKill& kill : ledger_.pending()) {
    const auto [scene, fresh] = scenes_.try_emplace(kill.Id());
    // Looked at again when the log has told more; what could be read at first is kept.
    if (!fresh && (!kill.log || scene->second.with_log)) continue;
    Scene seen = Look(kill);
    if (!fresh) {
      if (scene->second.limits.before) {
        seen.limits.before = scene->second.limits.before;
        seen.limits.pod_before = scene->second.limits.pod_before;
      }
      if (scene->second.limits.after) seen.limits.after = scene->second.limits.after;
      seen.peak = Larger(seen.peak, scene->second.peak);
      seen.started = seen.started ? seen.started : scene->second.started;
      if (!seen.evidence.pod_limit) seen.evidence.pod_limit = scene->second.evidence.pod_limit;
    }
    scene->second = seen;
  }
}

std::unique_ptr<MemoryGroup> OomWatch::OpenByLog(const PendingKill& kill, bool pod) const {
  if (!kill.log) return nullptr;
  const std::optional<KubePath> path = ParseKubePath(kill.log->task_cgroup);
  if (!path || (!pod && path->container_length == 0)) return nullptr;
  std::string relative =
      kill.log->task_cgroup.substr(0, pod ? path->pod_length : path->container_length);
  relative.erase(0, relative.find_first_not_of('/'));
  Result<std::unique_ptr<MemoryGroup>> group = MemoryGroup::Open(hierarchy_, relative);
  return group ? *std::move(group) : nullptr;
}

OomWatch::Scene OomWatch::Look(const PendingKill& kill) const {
  Scene scene;
  scene.with_log = kill.log.has_value();
  ContainerWatch* watch = find_(kill.owner.container_id);
  const std::unique_ptr<MemoryGroup> opened = watch ? nullptr : OpenByLog(kill, false);
  MemoryGroup* group = watch ? &watch->group() : opened.get();
  const std::unique_ptr<MemoryGroup> pod_opened = watch ? nullptr : OpenByLog(kill, true);
  if (watch) {
    scene.evidence.pod_limit = watch->pod().Limit();
    scene.limits.before = watch->last_limit();
    scene.limits.pod_before = watch->pod_limit_then();
    if (watch->init) scene.started = watch->init->started;
  } else if (pod_opened) {
    scene.evidence.pod_limit = pod_opened->ReadLimit().value_or(std::nullopt);
  }
  if (group) {
    const Result<std::optional<Bytes>> limit = group->ReadLimit();
    if (limit) scene.limits.after = *limit;
    scene.peak = group->ReadLifetimePeak().value_or(std::nullopt);
    scene.clear = group->KillsWholeGroup().value_or(false);
  }
  scene.clear =
      scene.clear || (kill.log && watch && watch->init && kill.log->pid == watch->init->pid);
  return scene;
}

bool OomWatch::ContainerDied(const PendingKill& kill) const {
  if (ContainerWatch* watch = find_(kill.owner.container_id)) {
    if (watch->init) return !watch->init->Alive();
    return !Outlived(watch->group(), kill);
  }
  const std::unique_ptr<MemoryGroup> group = OpenByLog(kill, false);
  return !group || !Outlived(*group, kill);
}

Instant OomWatch::DueOf(const PendingKill& kill) const {
  const auto scene = scenes_.find(kill.Id());
  if (scene != scenes_.end() && scene->second.clear && (kill.log || !log_)) return kill.noticed;
  return kill.noticed + (kill.log ? kSettle : kSettleBlind);
}

std::optional<Instant> OomWatch::NextDue() const {
  std::optional<Instant> next;
  for (const PendingKill& kill : ledger_.pending()) {
    const Instant due = DueOf(kill);
    if (!next || due < *next) next = due;
  }
  return next;
}

std::vector<v1::Oom> OomWatch::Settle(Instant now) {
  std::vector<v1::Oom> events;
  for (std::size_t i = 0; i < ledger_.pending().size();) {
    if (DueOf(ledger_.pending()[i]) > now) {
      ++i;
      continue;
    }
    const PendingKill kill = ledger_.Take(i);
    Scene scene;
    if (auto found = scenes_.extract(kill.Id())) scene = found.mapped();
    KillEvidence evidence = scene.evidence;
    evidence.level = kill.log ? LevelOf(*kill.log) : kill.level_by_counters;
    evidence.container_died = scene.clear || ContainerDied(kill);
    std::optional<LimitsSeen::Limit> own =
        scene.limits.before ? scene.limits.before : scene.limits.after;
    // The log has the limit of the level that was hit, at that very moment.
    if (kill.log && kill.log->limit && evidence.level == OomLevel::kPod) {
      evidence.pod_limit = kill.log->limit;
      own = LimitAtPodKill(scene.limits, *kill.log->limit);
    }
    if (kill.log && kill.log->limit && evidence.level == OomLevel::kContainer) {
      own = kill.log->limit;
      scene.peak = Larger(scene.peak, kill.log->usage);
    }
    evidence.container_known = own.has_value() && !kill.owner.container_id.empty();
    evidence.container_limit = own.value_or(std::nullopt);
    evidence.container_peak = scene.peak;

    v1::Oom event;
    event.set_id(kill.Id());
    event.set_kind(kill.owner.container_id.empty() && evidence.level != OomLevel::kNode
                       ? v1::Oom::POD_SLICE
                       : Classify(evidence));
    event.set_pod_uid(kill.owner.pod_uid);
    event.set_container_id(kill.owner.container_id);
    event.set_time_unix_nano(UnixNano(kill.time));
    // Nothing known of the container: what was hit is the pod's, and as large.
    const bool pod = event.kind() == v1::Oom::POD_SLICE ||
                     (evidence.level == OomLevel::kPod && !evidence.container_known);
    const std::optional<Bytes> limit = pod ? evidence.pod_limit : evidence.container_limit;
    std::optional<Bytes> peak = evidence.container_peak;
    // Alone in its pod, and gone before it could be asked: the pod's usage was its own.
    const bool alone = evidence.level == OomLevel::kPod && limit == evidence.pod_limit;
    if (kill.log && (pod || (alone && !peak))) peak = kill.log->usage;
    if (limit) event.set_limit(Wire(*limit));
    if (peak) event.set_peak(Wire(*peak));
    if (kill.log) event.set_victim(api::FitText(kill.log->victim, kLongestName));
    for (const std::string& source : kill.sources) event.add_sources(source);
    if (scene.started) event.set_container_start_unix_nano(UnixNano(*scene.started));
    if (kill.earliest) event.set_earliest_unix_nano(UnixNano(*kill.earliest));
    events.push_back(std::move(event));
  }
  return events;
}

void OomWatch::Restore(const v1::AgentState& state) {
  ledger_.Restore(state);
  restored_usec_ = newest_usec_ = state.log_usec();
}

void OomWatch::Save(v1::AgentState& state, TimePoint now) {
  ledger_.Prune(now - kLongestMemory,
                [this](const std::string& key) { return find_(key) != nullptr; });
  ledger_.Save(state);
  std::uint64_t usec = newest_usec_;
  for (const PendingKill& kill : ledger_.pending()) {
    if (kill.log) usec = std::min(usec, kill.log->usec - 1);
  }
  state.set_log_usec(usec);
}

}  // namespace plimsoll::agent
