// SPDX-License-Identifier: Apache-2.0
//
// The body of a PATCH of pods/resize: memory alone, by container name.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/units.h"
#include "advisor/rollout/step.h"
#include "operator/kube/client.h"
#include "operator/kube/objects/pod.h"

namespace plimsoll::autopatch {

// A strategic merge patch; native sidecars go under initContainers.
//   {"spec":{"containers":[{"name":"app","resources":{"limits":{"memory":"410Mi"}}}]}}
[[nodiscard]] nlohmann::json ResizePatch(const std::vector<rollout::ContainerResize>& resizes,
                                         const kube::Pod& pod);

// The same for one container whose kind is known.
[[nodiscard]] nlohmann::json ResizePatch(const rollout::ContainerResize& resize,
                                         kube::ContainerKind kind);

// How such a patch is sent.
[[nodiscard]] kube::WriteOptions ResizeOptions();

}  // namespace plimsoll::autopatch
