// SPDX-License-Identifier: Apache-2.0
//
// From advice to what is put in force, by the product's own rules (advisor/rollout): raises worth a
// patch, urgent raises, cuts of at most 15 % that usage and the last hour's peak allow, rollback of
// a cut that a kill followed. One pod with one container, whose node always answers.
//   limit 300 MiB, advice 200 MiB -> 255 MiB, ten minutes later 217 MiB, then 200 MiB
// Not played: other pods (canary, one at a time), refusals by the node (SimulationOptions has its
// own deferral), the healing of pod cgroups.
#pragma once

#include <optional>

#include "advisor/base/time.h"
#include "advisor/model/memory_digest.h"
#include "advisor/model/oom_event.h"
#include "advisor/replay/engine.h"
#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/progress.h"
#include "advisor/rollout/urgent_raise.h"

namespace plimsoll::replay {

struct Target {
  Resources wanted{};
  bool may_shrink = false;
  Bytes peak_hour{};  // highest hard memory of the last hour
  bool pressure = false;
};

class Autopatch {
 public:
  void Observe(const model::MemoryDigest& digest);
  void Observe(const model::OomEvent& event);

  // What to put in force instead of what is; nothing: leave it. Kubernetes' class of service stays:
  // with request = limit both move together.
  [[nodiscard]] std::optional<Resources> Next(const Situation& situation, const Target& target);
  // Whether a reading asked for an answer at once since the last call of either.
  [[nodiscard]] bool Urgent() const { return urgent_.has_value(); }
  // The answer to it: a higher limit alone. `expected`: see rollout::UrgentBounds.
  [[nodiscard]] std::optional<Resources> Raise(const Situation& situation, bool leak_suspected,
                                               std::optional<Bytes> expected);

 private:
  [[nodiscard]] rollout::WorkloadState StateOf(const Situation& situation,
                                               const Target& target) const;

  rollout::Progress progress_;
  rollout::UrgentHistory raises_;
  std::optional<model::MemoryDigest> last_;
  std::optional<model::MemoryDigest> urgent_;
  std::optional<rollout::OomSeen> last_oom_;
};

}  // namespace plimsoll::replay
