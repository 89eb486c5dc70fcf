// SPDX-License-Identifier: Apache-2.0
#include "tests/operator/controllers/checkpoint/life.h"

#include "advisor/history/checkpoint.h"
#include "tests/support/eventually.h"

namespace plimsoll::testing {

Life::Life(World& world, checkpoint::Options options)
    : world_(world), checkpoints(*writer_, fleet, log_, options) {
  fleet.SetListeners(
      {.on_workload = [this](const auto& key, auto change) { checkpoints.Enqueue(key, change); },
       .on_node = nullptr});
}

Life::~Life() {
  worker_.request_stop();
  // The farewell lasts as long as the clock says.
  while (!ended_) {
    Step(50ms);
    std::this_thread::sleep_for(2ms);
  }
}

void Life::Step(Duration step) {
  const bool busy = !ended_ && !world_.clock->Asleep(worker_.get_id());
  if (!busy) world_.clock->Advance(step);
}

Status Life::Load() {
  Status loaded;
  std::atomic<bool> done{false};
  std::jthread loader([&](std::stop_token stop) {
    loaded = checkpoints.Load(stop);
    done = true;
  });
  REQUIRE(Eventually([&] {
    if (done) return true;
    if (world_.clock->Asleep(loader.get_id())) world_.clock->Advance(50ms);
    return false;
  }));
  return loaded;
}

void Life::Run() {
  ended_ = false;
  worker_ = std::jthread([this](std::stop_token stop) {
    checkpoints.Run(stop, heartbeats_.Start("checkpoint"));
    ended_ = true;
  });
}

void Life::AddPod(const std::string& name) {
  fleet::Identity identity = fleet::kWebIdentity;
  identity.uid = "uid-of-" + name;
  fleet.PutPod(Key(name), identity, fleet::Shared(fleet::APod(name, 64_MiB, 128_MiB)));
}

void Life::Digest(const std::string& name, Bytes hard) {
  REQUIRE(fleet.TakeDigest(fleet::IdOf(name), fleet::ADigest(world_.clock->Now(), hard, 128_MiB)) ==
          fleet::Fleet::Taken::kYes);
}

void Life::Kill(const std::string& name) {
  const std::string id = fleet::IdOf(name);
  const auto kill = fleet::AKill(id + "/" + std::to_string(++kills_), world_.clock->Now(), 128_MiB);
  REQUIRE(fleet.TakeOom(id, "uid-" + name, kill) == fleet::Fleet::Taken::kYes);
}

void Life::Kill(const std::string& name, int which, TimePoint time) {
  const std::string id = fleet::IdOf(name);
  (void)fleet.TakeOom(id, "uid-" + name,
                      fleet::AKill(id + "/" + std::to_string(which), time, 128_MiB));
}

bool Life::Until(const std::function<bool()>& holds, Duration within, Duration step) {
  // Ten scripted minutes are twelve thousand steps: on a busy machine they take their time.
  constexpr Duration kBusyMachine = 4min;
  const Instant end = world_.clock->Monotonic() + within;
  return Eventually(
             [&] {
               if (holds() || world_.clock->Monotonic() >= end) return true;
               Step(step);
               return false;
             },
             kBusyMachine) &&
         holds();
}

bool Life::UntilStored() {
  return Until([this] { return fleet.Unstored().empty(); });
}

// A workload of another name is killed: its checkpoint comes in the pass that follows.
void Life::Pass(Duration time) {
  constexpr const char* kLast = "zz-last";
  world_.clock->Advance(time);
  if (!fleet.Snapshot(Key(kLast))) AddPod(kLast);
  const int before = world_.objects.TakenOf(ObjectName(kLast));
  Kill(kLast);
  REQUIRE(Until([&] { return world_.objects.TakenOf(ObjectName(kLast)) > before; }));
}

std::string Life::Unkept(const std::string& name) const {
  const auto workload = fleet.Snapshot(Key(name));
  REQUIRE(workload);
  return workload->unkept ? workload->unkept->code : "";
}

std::string Life::Why(const std::string& name) const {
  const auto workload = fleet.Snapshot(Key(name));
  REQUIRE(workload);
  return workload->unkept ? workload->unkept->message : "";
}

std::string Life::History(const std::string& name) const {
  const auto workload = fleet.Snapshot(Key(name));
  REQUIRE(workload);
  const auto history = workload->histories.find("app");
  REQUIRE(history != workload->histories.end());
  return history::EncodeCheckpoint(history->second);
}

}  // namespace plimsoll::testing
