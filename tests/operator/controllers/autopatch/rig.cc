// SPDX-License-Identifier: Apache-2.0
#include "tests/operator/controllers/autopatch/rig.h"

#include <algorithm>

namespace plimsoll::testing {
Rig::Rig(rollout::Capability capability, double patches_per_second)
    : pace_(patches_per_second),
      events_(*writer_, EveryEvent()),
      discovery_(*reader_, fleet, log_),
      autopatch({.client = *writer_,
                 .fleet = fleet,
                 .events = events_,
                 .pace = pace_,
                 .log = log_,
                 .capability = [capability] { return capability; },
                 .tune =
                     [this](const auto&, const auto&, const auto& settings) {
                       tuned.push_back(settings);
                       return tune_answer();
                     },
                 .store = [this](const auto&) { return on_store(); }}),
      guard(
          *raiser_, fleet, events_, pace_, log_, [capability] { return capability.grow; },
          heartbeats) {
  fleet.SetListeners({.on_workload =
                          [this](const auto& which, auto change) {
                            autopatch.Enqueue(which, change);
                            if (on_change) on_change(change);
                          },
                      .on_node = nullptr});
  fleet.PutNode("n1", [](fleet::NodeState& state) {
    state.connected = true;
    state.memory_available = 4_GiB;
  });
}

Rig::~Rig() {
  for (std::jthread& worker : workers_) worker.request_stop();
  workers_.clear();
  discovery_.Stop();
}

void Rig::Start() {
  discovery_.Start();
  workers_.emplace_back(
      [this](std::stop_token stop) { discovery_.Run(stop, heartbeats.Start("discovery")); });
  REQUIRE(Eventually([this] { return discovery_.HasSynced(); }));
  workers_.emplace_back(
      [this](std::stop_token stop) { autopatch.Run(stop, heartbeats.Start("autopatch")); });
  REQUIRE(Eventually([this] { return Quiet(); }));
}

void Rig::Advise(std::optional<Bytes> request, std::optional<Bytes> limit, bool may_shrink) {
  fleet::Advice advice{.max_allowed = 2_GiB};
  advice.recommendation.request = request;
  advice.recommendation.limit = limit;
  advice.recommendation.may_shrink = may_shrink;
  Advise(std::move(advice));
}

void Rig::Advise(fleet::Advice advice) {
  fleet.PutAdvice(key, {{"app", std::move(advice)}}, {.mode = api::Mode::kAutoPatch});
}

void Rig::Kill(const std::string& pod) {
  const Bytes limit = node.KernelLimit(pod);
  const std::string id = node.ContainerId(pod);
  fleet.TakeOom(id, node.Uid(pod),
                {.id = id + "/" + std::to_string(clock->Now().time_since_epoch().count()),
                 .kind = model::OomKind::kContainerOom,
                 .time = clock->Now(),
                 .limit = limit,
                 .peak = limit,
                 .victim = "app"});
}

void Rig::Urgent(const std::string& pod, Bytes hard) {
  model::MemoryDigest digest = node.Digest(pod);
  digest.urgent = true;
  digest.hard_peak = hard;
  digest.usage = hard;
  guard.OnUrgent(node.ContainerId(pod), digest);
}

// The informers have what the server has, and nothing waits to be looked at.
bool Rig::Quiet() const {
  const auto versions = node.server().Versions();
  const auto workload = fleet.Snapshot(key);
  std::size_t seen = 0;
  if (workload) {
    for (const auto& [uid, entry] : workload->pods) {
      const auto it = versions.find(entry.pod->meta.name.str());
      if (it == versions.end() || it->second != entry.pod->meta.resource_version.str())
        return false;
      ++seen;
    }
  }
  return seen == versions.size() && autopatch.queue().size() == 0 &&
         autopatch.queue().in_work() == 0;
}

void Rig::Tick(Duration by) {
  for (const std::string& pod : node.Running()) {
    (void)fleet.TakeDigest(node.ContainerId(pod), node.Digest(pod));
  }
  clock->Advance(by);
  Settle();
}

void Rig::Settle() {
  std::this_thread::sleep_for(6ms);  // three looks of the clock: what is due now is under way
  // A client that pauses before it tries again pauses by the same clock.
  REQUIRE(Eventually([this] {
    if (Quiet()) return true;
    clock->Advance(1ms);
    return false;
  }));
}

bool Rig::Until(const std::function<bool()>& holds, Duration within, Duration step) {
  for (Duration passed{}; passed <= within; passed += step) {
    if (holds()) break;
    Tick(step);
  }
  if (!holds()) return false;
  // The server was seen to have it; now those who asked for it know, too.
  Settle();
  return true;
}

void Rig::Pass(Duration time, Duration step) {
  for (Duration passed{}; passed < time; passed += step) Tick(step);
}

std::size_t Rig::patches() const {
  return static_cast<std::size_t>(std::ranges::count_if(
      node.Patches(), [](const SeenPatch& patch) { return patch.answer != 409; }));
}

fleet::Carried Rig::carried() const {
  const auto workload = fleet.Snapshot(key);
  REQUIRE(workload);
  return workload->carried;
}

}  // namespace plimsoll::testing
