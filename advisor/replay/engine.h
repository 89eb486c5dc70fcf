// SPDX-License-Identifier: Apache-2.0
//
// What the simulator, `replay` and `advise` ask of an engine, ours or a rival's: it is told what an
// agent or a metrics server would see of one workload's container, and says what to put in force.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"
#include "advisor/model/policy.h"
#include "advisor/model/runtime_stats.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::replay {

// What is in force, or shall be. request <= limit.
struct Resources {
  Bytes request{};
  Bytes limit{};
  friend bool operator==(const Resources&, const Resources&) = default;
};

// Both numbers, where both are known.
[[nodiscard]] inline std::optional<Resources> Both(const model::CurrentResources& in_force) {
  if (!in_force.request || !in_force.limit) return std::nullopt;
  return Resources{*in_force.request, *in_force.limit};
}

// Where the question is asked.
struct Situation {
  TimePoint now{};
  model::CurrentResources in_force{};  // as far as it is known
  Duration pod_age{};
  bool batch = false;  // a Job's or CronJob's container
  model::Policy policy{};
  model::Constraints constraints{};
  model::Guard guard{};
};

class Engine {
 public:
  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // One poll of the metrics server, once a minute: all that VPA, KRR and Crane ever see.
  virtual void Poll(std::string_view pod, TimePoint time, Bytes working_set) = 0;
  // What our agent sees; rivals without an agent of that kind take nothing from it.
  virtual void Observe(std::string_view pod, const model::MemoryDigest& digest) = 0;
  virtual void Observe(std::string_view pod, const model::RuntimeStats& stats) = 0;
  // A kill, with what was in force then.
  virtual void Observe(std::string_view pod, const model::OomEvent& event,
                       const Resources& in_force) = 0;
  virtual void ObserveRelease(TimePoint time, std::string_view release) = 0;

  // What the engine would have, whatever is in force. Only ours explains itself;
  // a rival says why it has no number.
  [[nodiscard]] virtual recommend::Recommendation Advise(const Situation& situation) = 0;
  // What its actuator would put in force now; nothing: leave it.
  [[nodiscard]] virtual std::optional<Resources> Act(const Situation& situation) = 0;
  // How often its loop runs; it also runs in the minute after a kill.
  [[nodiscard]] virtual Duration Cadence() const = 0;

 protected:
  Engine() = default;
};

// A rival that knows the metrics server and OOM kills, and sets request = limit (the ratio of a
// container whose user set them equal, which each of them keeps).
class PollingEngine : public Engine {
 public:
  void Observe(std::string_view, const model::MemoryDigest&) override {}
  void Observe(std::string_view, const model::RuntimeStats&) override {}
  void ObserveRelease(TimePoint, std::string_view) override {}
};

}  // namespace plimsoll::replay
