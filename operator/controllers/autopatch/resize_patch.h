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

// The same for containers whose kind is known.
struct KindedResize {
  rollout::ContainerResize resize{};
  kube::ContainerKind kind = kube::ContainerKind::kApp;
};
[[nodiscard]] nlohmann::json ResizePatch(const std::vector<KindedResize>& resizes);

// The server's answer when the pod of that name is not the one whose UID the patch carries (a
// StatefulSet's successor): to it, the UID of a pod "is immutable".
[[nodiscard]] bool IsAnotherPod(const Error& error);

// How such a patch is sent.
[[nodiscard]] kube::WriteOptions ResizeOptions();

}  // namespace plimsoll::autopatch
