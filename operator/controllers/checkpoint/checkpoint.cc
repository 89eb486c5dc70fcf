// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/checkpoint/checkpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "advisor/history/checkpoint.h"
#include "operator/api/bounds.h"
#include "operator/api/memory_checkpoint.h"
#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/api/text.h"
#include "operator/controllers/checkpoint/rollout_text.h"

namespace plimsoll::checkpoint {
namespace {

constexpr Duration kPassInterval = std::chrono::milliseconds(500);
constexpr Duration kFarewell = std::chrono::seconds(5);
// After a write that failed: 1 s, 2 s, 4 s … a minute.
constexpr Duration kFirstPause = std::chrono::seconds(1);
constexpr Duration kLongestPause = std::chrono::minutes(1);

void Warn(const Log& log, std::string_view what, const model::WorkloadKey& key,
          const Error& error) {
  log.Warn(what, {{"namespace", key.ns},
                  {"workload", key.kind + "/" + key.name},
                  {"problem", error.message()}});
}

// Whether trying again will not help: somebody has to do something, and is told.
bool NeedsSomebody(const Error& error) {
  return error.code() == ErrorCode::kInvalid || error.code() == ErrorCode::kForbidden;
}

std::size_t HashOf(const api::MemoryCheckpoint& object) {
  // One that is damaged is never what would be written.
  std::size_t hash = std::hash<std::string>()(object.rollout) + object.damaged.size();
  for (const api::ContainerCheckpoint& container : object.containers) {
    hash = hash * 31 + std::hash<std::string>()(container.name);
    hash = hash * 31 + std::hash<std::string>()(container.data);
  }
  return hash;
}

// All, up to the schema's bound; beyond it those that a pod has, then the others by name.
std::vector<std::string> ContainersKept(const fleet::Workload& workload) {
  std::vector<std::string> names;
  for (const auto& [container, history] : workload.histories) names.push_back(container);
  std::ranges::stable_partition(names, [&](const std::string& container) {
    return std::ranges::any_of(workload.pods, [&](const auto& entry) {
      return entry.second.pod->FindContainer(container) != nullptr;
    });
  });
  if (names.size() > api::kMaxContainers) names.resize(api::kMaxContainers);
  std::ranges::sort(names);
  return names;
}

api::MemoryCheckpoint ObjectOf(const fleet::Workload& workload, std::string rollout) {
  api::MemoryCheckpoint object;
  object.meta.ns = workload.key.ns;
  object.meta.name = api::ObjectNameFor(workload.key.kind, workload.key.name);
  object.meta.owners = {kube::OwnerReference{.api_version = workload.identity.api_version,
                                             .kind = workload.key.kind,
                                             .name = workload.key.name,
                                             .uid = workload.identity.uid}};
  object.target = {workload.identity.api_version, workload.key.kind, workload.key.name};
  for (const std::string& container : ContainersKept(workload)) {
    object.containers.push_back(
        {container, history::EncodeCheckpoint(workload.histories.at(container))});
  }
  object.rollout = std::move(rollout);
  return object;
}

// Told beside the history, which is kept.
std::optional<recommend::Reason> LeftOut(std::size_t pods) {
  if (pods == 0) return std::nullopt;
  return recommend::Reason{
      std::string(api::reason::kCheckpointCurrent),
      "what is learned survives a restart of the operator, but there is no room for what was cut "
      "or refused of " +
          api::Counted(static_cast<std::int64_t>(pods), "more pod") +
          ": after a restart their nodes may be asked for the same again"};
}

}  // namespace

Checkpoints::Checkpoints(kube::Client& client, fleet::Fleet& fleet, const Log& log, Options options)
    : client_(client),
      fleet_(fleet),
      log_(log),
      options_(options),
      spec_applier_(client, std::string(api::kFieldManager)),
      status_applier_(client, std::string(api::kStatusFieldManager)) {}

Status Checkpoints::Load(std::stop_token stop) {
  kube::ListOptions options;
  options.stop = stop;
  const auto list = client_.List(api::kMemoryCheckpoints, options);
  if (!list) return std::unexpected(list.error().Context("reading the checkpoints"));
  std::size_t restored = 0;
  for (const nlohmann::json& item : (*list)["items"]) restored += Restore(item) ? 1 : 0;
  log_.Info("checkpoints loaded", {{"workloads", std::to_string(restored)}});
  return {};
}

bool Checkpoints::Restore(const nlohmann::json& item) {
  const auto object = api::ParseMemoryCheckpoint(item);
  if (!object) {
    log_.Warn("checkpoint not understood; the workload is learned anew",
              {{"problem", object.error().message()}});
    return false;
  }
  const model::WorkloadKey key{object->meta.ns.str(), object->target.kind, object->target.name};
  std::optional<recommend::Reason> unkept;
  const auto complain = [&](const Error& error) {
    Warn(log_, "checkpoint not understood", key, error);
    const bool newer = error.code() == ErrorCode::kConflict;
    if (newer || !unkept) {
      unkept = {
          std::string(newer ? api::reason::kCheckpointNewer : api::reason::kCheckpointDamaged),
          error.message()};
    }
    if (!newer) return;
    const std::lock_guard lock(mutex_);
    untouchable_.insert(key);
  };
  for (const Error& damage : object->damaged) complain(damage);
  std::map<std::string, history::ContainerHistory> histories;
  for (const api::ContainerCheckpoint& container : object->containers) {
    auto history = history::DecodeCheckpoint(container.data);
    if (history) {
      histories.emplace(container.name, *std::move(history));
    } else {
      complain(history.error().Context("container " + container.name));
    }
  }
  auto remembered = ReadRemembered(object->rollout);
  if (!remembered) {
    complain(remembered.error());
    remembered = Remembered{};
  }
  fleet_.Restore(key, histories, remembered->kills, remembered->progress);
  fleet_.PutUnkept(key, std::move(unkept));
  const std::lock_guard lock(mutex_);
  written_[key] = {.hash = HashOf(*object), .at = {}, .made = true};
  return true;
}

void Checkpoints::Enqueue(const model::WorkloadKey& key, fleet::Change change) {
  if (change != fleet::Change::kOom && change != fleet::Change::kCheckpoint) return;
  const std::lock_guard lock(mutex_);
  waiting_.try_emplace(key, Waiting{.since = client_.clock().Monotonic()}).first->second.urgent =
      true;
}

void Checkpoints::Forget(const model::WorkloadKey& key) {
  const kube::ObjectKey object{key.ns, api::ObjectNameFor(key.kind, key.name)};
  spec_applier_.Forget(api::kMemoryCheckpoints, object);
  status_applier_.Forget(api::kMemoryCheckpoints, object);
  const std::lock_guard lock(mutex_);
  waiting_.erase(key);
  written_.erase(key);
  untouchable_.erase(key);
}

void Checkpoints::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  while (pulse.Sleep(client_.clock(), kPassInterval, stop)) Pass(false, pulse);
  const Instant deadline = client_.clock().Monotonic() + kFarewell;
  while (!fleet_.Unstored().empty() && client_.clock().Monotonic() < deadline) {
    Pass(true, pulse);
    (void)client_.clock().SleepFor(std::chrono::milliseconds(100), {});
  }
}

void Checkpoints::Pass(bool all, controllers::Heartbeats::Pulse& pulse) {
  const Instant now = client_.clock().Monotonic();
  for (const model::WorkloadKey& key : fleet_.Unstored()) {
    {
      const std::lock_guard lock(mutex_);
      const bool due = DueLocked(key, now);
      if (!all && !due) continue;
      if (!all && !TakeToken()) return;
    }
    pulse.Tick();
    (void)Store(key);  // a failure is tried again
  }
}

bool Checkpoints::DueLocked(const model::WorkloadKey& key, Instant now) {
  const Waiting& waiting = waiting_.try_emplace(key, Waiting{.since = now}).first->second;
  if (now < waiting.not_before) return false;
  const auto before = written_.find(key);
  const Instant last = before == written_.end() ? waiting.since : before->second.at;
  return waiting.urgent || now - last >= options_.interval;
}

Status Checkpoints::Store(const model::WorkloadKey& key) {
  const std::lock_guard storing(storing_);
  Written written;
  bool urgent = false;
  bool untouchable = false;
  {
    const std::lock_guard lock(mutex_);
    // Before the snapshot: a kill that comes after it is urgent again.
    urgent = std::exchange(waiting_[key].urgent, false);
    untouchable = untouchable_.contains(key);
    if (const auto before = written_.find(key); before != written_.end()) written = before->second;
  }
  const std::uint64_t up_to = fleet_.LastIntake();
  const auto workload = fleet_.Snapshot(key);
  const bool skip = !workload || workload->identity.uid.empty() ||
                    workload->permission.mode == api::Mode::kOff || untouchable;
  if (!skip) {
    if (const Status stored = Write(*workload, written); !stored) {
      NoteFailure(key, urgent, stored.error());
      return stored;
    }
    fleet_.PutUnkept(key, LeftOut(written.pods_left_out));
  }
  const Status kept =
      untouchable ? Fail(ErrorCode::kConflict,
                         "a newer operator wrote the MemoryCheckpoint, and it is left as it is")
                  : Status{};
  fleet_.MarkStored(key, up_to);
  const Instant now = client_.clock().Monotonic();
  const std::lock_guard lock(mutex_);
  written.at = now;
  written_[key] = written;
  const auto waiting = waiting_.find(key);
  if (waiting == waiting_.end()) return kept;
  if (waiting->second.urgent) {
    waiting->second = {.since = now, .urgent = true};
  } else {
    waiting_.erase(waiting);
  }
  return kept;
}

Status Checkpoints::Write(const fleet::Workload& workload, Written& written) {
  RememberedText remembered =
      WriteRemembered({.progress = workload.progress, .kills = workload.kills});
  if (remembered.pods_left_out > written.pods_left_out) {
    log_.Warn("no room for what was cut or refused of some pods",
              {{"namespace", workload.key.ns},
               {"workload", workload.key.kind + "/" + workload.key.name},
               {"pods", std::to_string(remembered.pods_left_out)}});
  }
  written.pods_left_out = remembered.pods_left_out;
  api::MemoryCheckpoint object = ObjectOf(workload, std::move(remembered.text));
  const std::size_t hash = HashOf(object);
  if (written.made && hash == written.hash) return {};
  const kube::ObjectKey at = object.meta.key();
  if (!written.made) {
    const auto made =
        spec_applier_.Apply(api::kMemoryCheckpoints, at, api::MemoryCheckpointApply(object));
    if (!made) return std::unexpected(made.error());
  }
  object.updated = client_.clock().Now();
  const auto body = api::MemoryCheckpointStatusApply(object);
  if (!body) return std::unexpected(body.error());
  const auto stored = status_applier_.Apply(api::kMemoryCheckpoints, at, *body, "status");
  if (!stored) {
    // Deleted by somebody: it is made anew.
    if (stored.error().code() == ErrorCode::kNotFound) {
      const std::lock_guard lock(mutex_);
      written_.erase(workload.key);
      spec_applier_.Forget(api::kMemoryCheckpoints, at);
    }
    return std::unexpected(stored.error());
  }
  written.hash = hash;
  written.made = true;
  return {};
}

void Checkpoints::NoteFailure(const model::WorkloadKey& key, bool urgent, const Error& error) {
  Warn(log_, "checkpoint not written; tried again", key, error);
  if (NeedsSomebody(error)) {
    fleet_.PutUnkept(
        key, recommend::Reason{std::string(api::reason::kCheckpointRefused), error.message()});
  }
  const std::lock_guard lock(mutex_);
  Waiting& waiting = waiting_[key];
  // The eighth time, after two minutes: a role that was just being changed would be there by now.
  if (NeedsSomebody(error) && waiting.pause >= kLongestPause) fleet_.DoNotWaitFor(key);
  waiting.urgent = waiting.urgent || urgent;
  waiting.pause = std::clamp(waiting.pause * 2, kFirstPause, kLongestPause);
  waiting.not_before = client_.clock().Monotonic() + waiting.pause;
}

bool Checkpoints::TakeToken() {
  const Instant now = client_.clock().Monotonic();
  const double seconds = static_cast<double>((now - refilled_).count()) / 1000.0;
  tokens_ =
      std::min(2 * options_.writes_per_second, tokens_ + seconds * options_.writes_per_second);
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Duration Checkpoints::OldestUnstored() const {
  const std::lock_guard lock(mutex_);
  const Instant now = client_.clock().Monotonic();
  Duration oldest{};
  for (const auto& [key, waiting] : waiting_) oldest = std::max(oldest, now - waiting.since);
  return oldest;
}

}  // namespace plimsoll::checkpoint
