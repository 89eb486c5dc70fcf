// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/checkpoint/checkpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "advisor/history/checkpoint.h"
#include "operator/api/memory_checkpoint.h"
#include "operator/api/names.h"
#include "operator/controllers/checkpoint/rollout_text.h"

namespace plimsoll::checkpoint {
namespace {

constexpr Duration kPassInterval = std::chrono::milliseconds(500);
constexpr Duration kFarewell = std::chrono::seconds(5);

std::size_t HashOf(const api::MemoryCheckpoint& object) {
  std::size_t hash = std::hash<std::string>()(object.rollout);
  for (const api::ContainerCheckpoint& container : object.containers) {
    hash = hash * 31 + std::hash<std::string>()(container.name);
    hash = hash * 31 + std::hash<std::string>()(container.data);
  }
  return hash;
}

api::MemoryCheckpoint ObjectOf(const fleet::Workload& workload) {
  api::MemoryCheckpoint object;
  object.meta.ns = workload.key.ns;
  object.meta.name = api::ObjectNameFor(workload.key.kind, workload.key.name);
  object.meta.owners = {kube::OwnerReference{.api_version = workload.identity.api_version,
                                             .kind = workload.key.kind,
                                             .name = workload.key.name,
                                             .uid = workload.identity.uid}};
  object.target = {workload.identity.api_version, workload.key.kind, workload.key.name};
  for (const auto& [container, history] : workload.histories) {
    object.containers.push_back({container, history::EncodeCheckpoint(history)});
  }
  object.rollout = WriteRemembered({.progress = workload.progress, .kills = workload.kills});
  return object;
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
  for (const nlohmann::json& item : (*list)["items"]) {
    const auto object = api::ParseMemoryCheckpoint(item);
    if (!object) {
      log_.Warn("checkpoint not understood; the workload is learned anew",
                {{"problem", object.error().message()}});
      continue;
    }
    const model::WorkloadKey key{object->meta.ns.str(), object->target.kind, object->target.name};
    const auto complain = [&](const Error& error) {
      log_.Warn("checkpoint not understood", {{"namespace", key.ns},
                                              {"workload", key.kind + "/" + key.name},
                                              {"problem", error.message()}});
      if (error.code() != ErrorCode::kConflict) return;
      const std::lock_guard lock(mutex_);
      untouchable_.insert(key);
    };
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
    const std::lock_guard lock(mutex_);
    written_[key] = {.hash = HashOf(*object), .at = {}, .made = true};
    ++restored;
  }
  log_.Info("checkpoints loaded", {{"workloads", std::to_string(restored)}});
  return {};
}

void Checkpoints::Enqueue(const model::WorkloadKey& key, fleet::Change change) {
  if (change != fleet::Change::kOom && change != fleet::Change::kCheckpoint) return;
  const std::lock_guard lock(mutex_);
  urgent_.insert(key);
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
      const Instant since = waiting_since_.try_emplace(key, now).first->second;
      const auto before = written_.find(key);
      const bool first = before == written_.end();
      const bool due =
          urgent_.contains(key) || now - (first ? since : before->second.at) >= options_.interval;
      if (!all && !due) continue;
      if (!all && !TakeToken()) return;
    }
    pulse.Tick();
    (void)Store(key);
  }
}

bool Checkpoints::Store(const model::WorkloadKey& key) {
  const std::uint64_t up_to = fleet_.LastIntake();
  const auto workload = fleet_.Snapshot(key);
  Written written;
  bool skip =
      !workload || workload->identity.uid.empty() || workload->permission.mode == api::Mode::kOff;
  {
    const std::lock_guard lock(mutex_);
    skip = skip || untouchable_.contains(key);
    const auto before = written_.find(key);
    if (before != written_.end()) written = before->second;
    urgent_.erase(key);
  }
  if (!skip) {
    api::MemoryCheckpoint object = ObjectOf(*workload);
    const std::size_t hash = HashOf(object);
    if (!written.made || hash != written.hash) {
      const auto fail = [&](const Error& error) {
        log_.Warn("checkpoint not written; tried again", {{"namespace", key.ns},
                                                          {"workload", key.kind + "/" + key.name},
                                                          {"problem", error.message()}});
        return false;
      };
      if (!written.made) {
        const auto made = spec_applier_.Apply(api::kMemoryCheckpoints, object.meta.key(),
                                              api::MemoryCheckpointApply(object));
        if (!made) return fail(made.error());
      }
      object.updated = client_.clock().Now();
      const auto body = api::MemoryCheckpointStatusApply(object);
      if (!body) return fail(body.error());
      const auto stored =
          status_applier_.Apply(api::kMemoryCheckpoints, object.meta.key(), *body, "status");
      if (!stored) {
        const std::lock_guard lock(mutex_);
        // Deleted by somebody: it is made anew.
        if (stored.error().code() == ErrorCode::kNotFound) {
          written_.erase(key);
          spec_applier_.Forget(api::kMemoryCheckpoints, object.meta.key());
        }
        return fail(stored.error());
      }
      written.hash = hash;
      written.made = true;
    }
  }
  fleet_.MarkStored(key, up_to);
  const std::lock_guard lock(mutex_);
  written.at = client_.clock().Monotonic();
  written_[key] = written;
  waiting_since_.erase(key);
  return true;
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
  for (const auto& [key, since] : waiting_since_) oldest = std::max(oldest, now - since);
  return oldest;
}

}  // namespace plimsoll::checkpoint
