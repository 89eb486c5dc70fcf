// SPDX-License-Identifier: Apache-2.0
//
// A workload as our kinds refer to it; always in the referrer's own namespace.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::api {

struct TargetRef {
  std::string api_version;  // "apps/v1"; empty in a policy: any
  std::string kind;         // "Deployment"
  std::string name;

  friend bool operator==(const TargetRef&, const TargetRef&) = default;
};

// The name of a workload's MemoryRecommendation and MemoryCheckpoint: "deployment-checkout". Kinds
// are in the name since a Deployment and a StatefulSet may share one. A name that would be longer
// than 253 bytes is cut and ends in a hash of the whole.
[[nodiscard]] std::string ObjectNameFor(std::string_view kind, std::string_view name);

}  // namespace plimsoll::api
