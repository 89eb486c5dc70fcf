// SPDX-License-Identifier: Apache-2.0
//
// Prints what the operator would apply, one JSON document a line: first objects, then statuses. The
// rung tests/rungs/20-chart gives them to a real API server, which refuses any field that the CRDs
// do not have.
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/operator/api/samples.h"

int main() {
  using namespace plimsoll::api;
  const MemoryRecommendation recommendation = WholeRecommendation();
  const MemoryCheckpoint checkpoint = LargestCheckpoint();
  const auto checkpoint_status = MemoryCheckpointStatusApply(checkpoint);
  if (!checkpoint_status) {
    std::cerr << checkpoint_status.error().message() << "\n";
    return 1;
  }
  std::cout << MemoryRecommendationApply(recommendation) << "\n"
            << MemoryCheckpointApply(checkpoint) << "\n"
            << MemoryRecommendationStatusApply(recommendation) << "\n"
            << *checkpoint_status << "\n"
            << MemoryPolicyStatusApply(PolicyWithStatus()) << "\n";
  return 0;
}
