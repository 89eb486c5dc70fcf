// SPDX-License-Identifier: Apache-2.0
//
// A custom resource of any content is a value or an error that says which field is wrong.
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "operator/api/memory_checkpoint.h"
#include "operator/api/memory_policy.h"
#include "operator/api/memory_recommendation.h"
#include "operator/api/vertical_pod_autoscaler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plimsoll::api;
  const auto object = nlohmann::json::parse(data, data + size, nullptr, /*allow_exceptions=*/false);
  if (object.is_discarded()) return 0;
  const auto check = [](const auto& parsed) {
    if (!parsed && parsed.error().message().empty()) std::abort();
  };
  const auto policy = ParseMemoryPolicy(object);
  check(policy);
  if (policy) check(ValidateMemoryPolicy(policy->spec));
  check(ParseMemoryRecommendation(object));
  check(ParseMemoryCheckpoint(object));
  check(ParseVerticalPodAutoscaler(object));
  return 0;
}
