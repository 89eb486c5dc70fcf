// SPDX-License-Identifier: Apache-2.0
//
// A VerticalPodAutoscaler, which is not ours, as far as it says whether it sets the memory of
// running pods: two that patch the same number would undo each other.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "operator/api/target_ref.h"
#include "operator/kube/object_key.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::api {

// A cluster need not have this kind.
inline constexpr kube::Resource kVerticalPodAutoscalers{
    "autoscaling.k8s.io", "v1", "verticalpodautoscalers", "VerticalPodAutoscaler", true};

struct VerticalPodAutoscaler {
  struct ContainerPolicy {
    std::string container;  // "*": every container that has no entry of its own
    bool controls_memory = true;
  };

  kube::ObjectMeta meta{};
  TargetRef target{};  // empty where it says none
  // Its update mode changes running pods: any but Off and Initial, and the default when none is
  // set.
  bool updates_pods = true;
  std::vector<ContainerPolicy> containers{};

  // Whether it sets this container's memory while its pod runs.
  [[nodiscard]] bool SetsMemoryOf(std::string_view container) const;
};

// Reads one object. Errors: kInvalid naming the field.
[[nodiscard]] Result<VerticalPodAutoscaler> ParseVerticalPodAutoscaler(
    const nlohmann::json& object);

}  // namespace plimsoll::api
