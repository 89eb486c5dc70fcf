// SPDX-License-Identifier: Apache-2.0
//
// What the leader does, from taking over to the end.
#include "operator/cmd/operator.h"

#include <utility>

namespace plimsoll::cmd {
namespace {

constexpr Duration kHousekeeping = std::chrono::seconds(30);
constexpr Duration kElectionRetry = std::chrono::seconds(2);
// For the last checkpoints and the lease's release, if the server or an exec plugin is slow.
constexpr Duration kFarewell = std::chrono::seconds(8);

}  // namespace

void Operator::Lead(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("taking over");
  const auto wait_for = [&](const char* what, const auto& ready) {
    for (bool told = false; !stop.stop_requested() && !ready();) {
      if (!told) log_.Info("waiting before leading", {{"for", what}});
      told = true;
      (void)pulse.Sleep(clients_.reader->clock(), std::chrono::milliseconds(100), stop);
    }
    return !stop.stop_requested();
  };
  while (!stop.stop_requested()) {
    const Status loaded = checkpoints_.Load(stop);
    if (loaded) break;
    log_.Warn("checkpoints not loaded; tried again", {{"problem", loaded.error().message()}});
    (void)pulse.Sleep(clients_.reader->clock(), kElectionRetry, stop);
  }
  const bool ready = wait_for("the cluster's state", [&] {
    return discovery_.SyncProblem().empty() && limits_.SyncProblem().empty() &&
           policies_.SyncProblem().empty() && recommendations_.SyncProblem().empty();
  });
  if (!ready) return;
  loaded_ = true;
  const auto work = [&](auto body) { leader_workers_.emplace_back(std::move(body)); };
  for (int i = 0; i < 2; ++i) {
    work([this](std::stop_token s) {
      recommendations_.Run(s, heartbeats_.Start("recommendation"));
    });
  }
  work([this](std::stop_token s) { autopatch_.Run(s, heartbeats_.Start("autopatch")); });
  work([this](std::stop_token s) { checkpoints_.Run(s, heartbeats_.Start("checkpoint")); });
  work([this](std::stop_token s) { policy_statuses_.Run(s, heartbeats_.Start("policies")); });
  work([this](std::stop_token s) { RunHousekeeping(s); });
  if (options_.agents) agents_.Lead();
  log_.Info("leading");
}

void Operator::StartLeading() {
  const std::lock_guard lock(leading_mutex_);
  if (draining_) return;  // the lease came while we were being stopped: it is given up next
  leading_ = std::jthread([this](std::stop_token stop) { Lead(stop); });
}

// Called by whichever comes first of a lost lease and a stop, often by both at once: the second
// waits until the first is through.
void Operator::StopLeading() {
  const std::lock_guard lock(leading_mutex_);
  if (!std::exchange(draining_, true)) {
    farewell_ = std::jthread([this](std::stop_token done) {
      if (clients_.reader->clock().SleepFor(kFarewell, done)) clients_.ending.request_stop();
    });
  }
  leading_.request_stop();
  if (leading_.joinable()) leading_.join();
  // No more readings first (which answers every Tune under way), then no more steps; the last
  // checkpoints are written before the lease goes.
  agents_.Stop();
  for (std::jthread& worker : leader_workers_) worker.request_stop();
  leader_workers_.clear();
}

void Operator::RunHousekeeping(std::stop_token stop) {
  controllers::Heartbeats::Pulse pulse = heartbeats_.Start("housekeeping");
  do {
    for (const model::WorkloadKey& key : fleet_.Sweep(clients_.reader->clock().Now())) {
      checkpoints_.Forget(key);
      log_.Info("workload forgotten: it has had no pods for long",
                {{"namespace", key.ns}, {"workload", key.kind + "/" + key.name}});
    }
    const int told = fleet_.TakeStatusKills(clients_.reader->clock().Now());
    if (told > 0) log_.Info("OOM kills told by pod statuses", {{"kills", std::to_string(told)}});
  } while (pulse.Sleep(clients_.reader->clock(), kHousekeeping, stop));
}

}  // namespace plimsoll::cmd
