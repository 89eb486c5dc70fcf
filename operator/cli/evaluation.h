// SPDX-License-Identifier: Apache-2.0
//
// Plays families x seeds x engines on all cores and keeps the outcomes, paired by seed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "advisor/replay/calibration.h"
#include "advisor/replay/families.h"
#include "advisor/replay/packing.h"
#include "advisor/replay/variants.h"

namespace plimsoll::cli {

struct EvaluationPlan {
  std::vector<const replay::Family*> families;
  std::vector<replay::Variant> variants;
  std::uint64_t first_seed = replay::kFirstPublishedSeed;
  int seeds = 5;
  int days = 42;
  unsigned jobs = 1;
  replay::SimulationOptions options{};
  bool packing = false;      // keep the timelines and pack them on nodes
  bool frontier = false;     // also play lease and lease-guarded at every objective
  bool calibration = false;  // also ask for promises and see which are kept
};

struct Evaluation {
  // By variant name, then by family name; outcomes in the order of the seeds.
  std::map<std::string, std::map<std::string, std::vector<replay::Outcome>>> outcomes;
  std::map<std::string, replay::PackingResult> packing;  // by variant name
  // By objective, then as `outcomes`: lease and lease-guarded, when asked for.
  std::map<model::Objective, std::map<std::string, std::vector<replay::Outcome>>> frontier;
  std::vector<replay::Promise> promises;  // of lease, when asked for

  // All families' outcomes of a variant, one after the other.
  [[nodiscard]] std::vector<replay::Outcome> All(const std::string& variant) const;
};

// kInvalid for a variant whose engine there is not.
[[nodiscard]] Result<Evaluation> Evaluate(const EvaluationPlan& plan);

}  // namespace plimsoll::cli
