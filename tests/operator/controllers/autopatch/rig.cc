// SPDX-License-Identifier: Apache-2.0
#include "tests/operator/controllers/autopatch/rig.h"

#include <algorithm>

namespace plimsoll::testing {
Rig::Rig(int minor_version, double patches_per_second)
    : pace_(patches_per_second),
      events_(*writer_, EveryEvent()),
      discovery_(*reader_, fleet, log_),
      autopatch({.client = *writer_,
                 .fleet = fleet,
                 .events = events_,
                 .pace = pace_,
                 .log = log_,
                 .server = server_,
                 .tune =
                     [this](const auto&, const auto&, const auto& settings, auto answered) {
                       tuned.push_back(settings);
                       if (leaves_tunes_) {
                         const std::lock_guard lock(mutex_);
                         left_.push_back(std::move(answered));
                         return Status{};
                       }
                       Status answer = tune_answer();
                       if (!answer && answer.error().code() == ErrorCode::kRetryable) return answer;
                       answered(answer);
                       return Status{};
                     },
                 .store = [this](const auto&) { return on_store(); }}),
      guard(
          *raiser_, fleet, events_, pace_, log_, [this] { return server_.CanGrow(); }, heartbeats) {
  node.SetServer(minor_version);
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
  Stop();
  discovery_.Stop();
}

void Rig::Stop() {
  for (std::jthread* worker : {&discoverer_, &patcher_}) {
    worker->request_stop();
    if (worker->joinable()) worker->join();
  }
}

void Rig::AnswerTunes(const Status& answer) {
  leaves_tunes_ = false;
  std::vector<std::function<void(const Status&)>> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(left_);
  }
  for (const auto& answered : left) answered(answer);
}

void Rig::Start(bool ask) {
  if (ask) AskServer();
  discovery_.Start();
  discoverer_ = std::jthread(
      [this](std::stop_token stop) { discovery_.Run(stop, heartbeats.Start("discovery")); });
  REQUIRE(Eventually([this] { return discovery_.HasSynced(); }));
  patcher_ = std::jthread(
      [this](std::stop_token stop) { autopatch.Run(stop, heartbeats.Start("autopatch")); });
  Settle();
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

namespace {

template <class Queue>
bool Idle(const Queue& queue) {
  return queue.size() == 0 && queue.in_work() == 0;
}

}  // namespace

// Whether the fleet has what the server has.
bool Rig::Seen() const {
  const auto versions = node.server().Versions();
  std::size_t seen = 0;
  for (const model::WorkloadKey& each : fleet.Keys()) {
    const auto workload = fleet.Snapshot(each);
    if (!workload) continue;
    for (const auto& [uid, entry] : workload->pods) {
      const auto it = versions.find(entry.pod->meta.name.str());
      if (it == versions.end() || it->second != entry.pod->meta.resource_version.str())
        return false;
      ++seen;
    }
  }
  return seen == versions.size();
}

// Nothing more will happen before the clock moves. In the order in which one thing leads to the
// next: what the server has, discovery, auto-patch; and while they were looked at, no patch made
// the server's state a newer one.
bool Rig::Quiet() const {
  const auto versions = node.server().Versions();
  return Seen() && Idle(discovery_.queue()) && clock->Asleep(discoverer_.get_id()) &&
         Idle(autopatch.queue()) && clock->Asleep(patcher_.get_id()) &&
         node.server().Versions() == versions;
}

// Whether a client pauses before it tries again.
bool Rig::Pauses() const {
  return (discovery_.queue().in_work() > 0 && clock->Asleep(discoverer_.get_id())) ||
         (autopatch.queue().in_work() > 0 && clock->Asleep(patcher_.get_id()));
}

void Rig::Tick(Duration by) {
  for (const std::string& pod : node.Running()) {
    (void)fleet.TakeDigest(node.ContainerId(pod), node.Digest(pod));
  }
  Settle();
  clock->Advance(by);
  Settle();
}

void Rig::Settle() {
  REQUIRE(Eventually([this] {
    if (Quiet()) return true;
    if (Pauses()) clock->Advance(1ms);  // by the same clock
    return false;
  }));
}

bool Rig::Until(const std::function<bool()>& holds, Duration within, Duration step) {
  Settle();
  for (Duration passed{}; passed <= within && !holds(); passed += step) Tick(step);
  return holds();
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
