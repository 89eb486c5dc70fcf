// SPDX-License-Identifier: Apache-2.0
//
// One life of the operator, as far as checkpoints go: a fleet and its Checkpoints on a scripted API
// server. The next life on the same server is the restart.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "operator/api/names.h"
#include "operator/controllers/checkpoint/checkpoint.h"
#include "tests/operator/controllers/parts.h"
#include "tests/operator/fleet/pods.h"
#include "tests/support/applied_objects.h"

namespace plimsoll::testing {

using namespace std::chrono_literals;
using namespace plimsoll::literals;

// The server and the clock that lives share.
struct World {
  World() { clock->Advance(fleet::kNow - clock->Now()); }

  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  AppliedObjects objects{api::kMemoryCheckpoints};
};

class Life {
 public:
  explicit Life(World& world, checkpoint::Options options = {});
  // As on SIGTERM: what is left is written, for a few scripted seconds.
  ~Life();

  // While the clock runs: a client that pauses before it tries again pauses by it.
  [[nodiscard]] Status Load();
  void Run();

  // A Deployment of one pod of the same name, which reports.
  void AddPod(const std::string& name);
  void Digest(const std::string& name, Bytes hard);
  void Kill(const std::string& name);
  // Tells of that kill of its container, which may be known already.
  void Kill(const std::string& name, int which, TimePoint time);
  // The clock runs until it holds; false when it does not within so much scripted time.
  [[nodiscard]] bool Until(const std::function<bool()>& holds, Duration within = 10min,
                           Duration step = 50ms);
  [[nodiscard]] bool UntilStored();
  // The clock runs for so long, and a pass has been made after it.
  void Pass(Duration time);

  [[nodiscard]] static model::WorkloadKey Key(const std::string& name) {
    return {"shop", "Deployment", name};
  }
  [[nodiscard]] static std::string ObjectName(const std::string& name) {
    return "deployment-" + name;
  }
  // Why what is learned of it is not kept, as a code; empty: it is.
  [[nodiscard]] std::string Unkept(const std::string& name) const;
  // The same in words.
  [[nodiscard]] std::string Why(const std::string& name) const;
  // Its history of the container "app", as it would be stored.
  [[nodiscard]] std::string History(const std::string& name) const;

  std::atomic<bool> leads{true};  // what the fence says
  fleet::Fleet fleet;

 private:
  // Moves the clock, unless the worker still has something to do by it.
  void Step(Duration step);

  World& world_;
  Log log_;
  controllers::Heartbeats heartbeats_{*world_.clock};
  std::unique_ptr<kube::Client> writer_ =
      MakeClient(world_.objects.url(), world_.clock, FenceOf(leads));
  int kills_ = 0;

 public:
  checkpoint::Checkpoints checkpoints;

 private:
  std::atomic<bool> ended_{true};
  std::jthread worker_;
};

}  // namespace plimsoll::testing
