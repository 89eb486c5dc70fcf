// SPDX-License-Identifier: Apache-2.0
//
// What a raise depends on of a pod, as the server has it this moment: of a GET, for when the
// informer is behind.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "advisor/base/result.h"
#include "advisor/base/units.h"

namespace plimsoll::autopatch {

struct ContainerNow {
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};
  std::optional<Bytes> given{};  // the request that the node has given, by its status
};

struct PodNow {
  std::string uid;
  std::string resource_version;
  std::map<std::string, ContainerNow> containers{};  // by name, init containers among them
};

// kInvalid naming what is missing or malformed in the pod's JSON.
[[nodiscard]] Result<PodNow> PodNowFrom(const nlohmann::json& pod);

}  // namespace plimsoll::autopatch
