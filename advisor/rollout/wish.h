// SPDX-License-Identifier: Apache-2.0
//
// What one container should have now: the plan's target, lifted by what kills have taught since.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "advisor/rollout/observed.h"
#include "advisor/rollout/plan.h"
#include "advisor/rollout/progress.h"

namespace plimsoll::rollout {

struct Wish {
  const ContainerTarget* target = nullptr;
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};
  bool urgent = false;    // a kill that no raise has answered yet: no canary, no least change
  bool rollback = false;  // a cut hurt: never below what it was cut from
  std::string hurt{};     // how, when rollback
};

using Wishes = std::map<std::string, Wish>;  // by container

// What hurt once is held against a workload until its hold is over, not for ever.
[[nodiscard]] Wishes WishesOf(const Plan& plan, const WorkloadState& state,
                              const Progress& progress, TimePoint now);

// True when going from `from` to `to` is worth a patch: more than both least changes.
// With 5 % and 4 MiB: a limit of 512 -> 536 MiB is not (24 MiB is only 4.7 %), 512 -> 540 MiB is;
// with 2 %, a request of 512 -> 524 MiB is.
[[nodiscard]] bool LimitWorthIt(Bytes from, Bytes to, const Rules& rules);
[[nodiscard]] bool RequestWorthIt(Bytes from, Bytes to, const Rules& rules);

// The request that goes with a limit: never above it, and for a Burstable pod never newly equal to
// it, which could change the pod's QoS class (the API server refuses that).
[[nodiscard]] std::optional<Bytes> RequestUnder(const ContainerState& container, bool guaranteed,
                                                std::optional<Bytes> request, Bytes limit);

// The request that the wish comes to beside the limit that the container has; as it is where none
// is wished for, nothing where it has none.
[[nodiscard]] std::optional<Bytes> RequestBeside(const ContainerState& container, bool guaranteed,
                                                 const Wish& wish);

[[nodiscard]] const Reading* FreshReading(const ContainerState& container, const Rules& rules,
                                          TimePoint now);

// The kernel keeps whole pages: of 500M (500000000) it has 499998720, where they are of 4 KiB; none
// is larger than 64 KiB. Absent is unlimited.
[[nodiscard]] bool KernelHas(std::optional<Bytes> limit, std::optional<Bytes> asked);

// The pod object's limit is in force: the kernel has the same.
[[nodiscard]] bool Actuated(const ContainerState& container);

// Whole MiB, upwards: what a person can read in a manifest.
[[nodiscard]] Bytes UpToMiB(Bytes amount);

}  // namespace plimsoll::rollout
