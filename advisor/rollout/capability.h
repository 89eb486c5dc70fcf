// SPDX-License-Identifier: Apache-2.0
//
// What the API server can do in place (KEP-1287): growing since 1.33, shrinking memory since 1.34.
#pragma once

#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::rollout {

// Why nothing is resized where the server cannot grow.
inline constexpr std::string_view kNoResize =
    "the API server does not resize pods in place; Kubernetes does from 1.33 on, with the feature "
    "gate InPlacePodVerticalScaling";

struct Capability {
  bool grow = false;
  bool shrink = false;
  friend bool operator==(Capability, Capability) = default;
};

// From the server's /version: major "1", minor "36" (or "36+" on some clouds). A version that
// cannot be read is an error, never a guess.
[[nodiscard]] Result<Capability> CapabilityOf(std::string_view major, std::string_view minor);

}  // namespace plimsoll::rollout
