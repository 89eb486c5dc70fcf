// SPDX-License-Identifier: Apache-2.0
//
// The closed loop: demand -> what agent and metrics server see -> engine -> actuation -> the
// container, which dies where its limit is too low. Minutes are lived in one step where nothing can
// happen within them, and second by second where demand rises towards the limit.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "advisor/model/policy.h"
#include "advisor/replay/demand.h"
#include "advisor/replay/engine.h"
#include "advisor/replay/outcome.h"

namespace plimsoll::replay {

struct SimulationOptions {
  TimePoint start{Duration(1'790'035'200'000)};  // a midnight
  model::Guard guard{};     // active: urgent readings, answered after `reaction`
  bool guaranteed = false;  // request and limit must stay equal
  bool batch = false;       // the engine is told that it is a Job's or CronJob's container
  model::Policy policy{};
  Bytes node_allocatable{64LL << 30};
  double digest_loss = 0;     // share of digests and polls that never arrive
  Duration clock_skew{};      // digests are stamped up to this much early or late
  double deferred_share = 0;  // of raised requests the node has no room for, for half an hour
};

// What happens to the container at the start of a minute, besides its demand.
struct MinuteEvents {
  bool restart = false;
  std::string_view release{};  // a new image or template, with the restart; empty: none
};

// One container under one engine, fed minute by minute: a trace of any length needs no more memory
// than what the engine remembers.
class Simulation {
 public:
  // `seed` draws what the agent loses and when the metrics server polls.
  Simulation(const Traits& traits, std::uint64_t seed, Engine& engine,
             const SimulationOptions& options);
  ~Simulation();
  Simulation(Simulation&&) noexcept;

  // The next minute; what it looked like from outside.
  TimelinePoint Step(const Minute& demand, const MinuteEvents& events);
  // OOM kills so far.
  [[nodiscard]] std::int64_t kills() const;
  [[nodiscard]] Outcome Close();

 private:
  class State;
  std::unique_ptr<State> state_;
};

// Plays the whole workload against the engine. With `timeline`, every minute is kept.
[[nodiscard]] Outcome Simulate(const Workload& workload, Engine& engine,
                               const SimulationOptions& options, Timeline* timeline = nullptr);

}  // namespace plimsoll::replay
