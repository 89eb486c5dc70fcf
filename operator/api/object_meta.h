// SPDX-License-Identifier: Apache-2.0
//
// The part of an object's metadata that Plimsoll reads and writes on its own kinds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/time.h"

namespace plimsoll::api {

// The object that, when deleted, takes this one with it (same namespace).
struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;

  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

struct ObjectMeta {
  std::string name;
  std::string ns;
  std::string uid;
  std::string resource_version;
  std::int64_t generation = 0;
  std::optional<TimePoint> created{};
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::vector<OwnerReference> owners;

  friend bool operator==(const ObjectMeta&, const ObjectMeta&) = default;
};

// A workload as our kinds refer to it; always in the referrer's own namespace.
struct TargetRef {
  std::string api_version;  // "apps/v1"; empty in a policy: any
  std::string kind;         // "Deployment"
  std::string name;

  friend bool operator==(const TargetRef&, const TargetRef&) = default;
};

// The name of a workload's MemoryRecommendation and MemoryCheckpoint: "deployment-checkout". Kinds
// are in the name since a Deployment and a StatefulSet may share one. A name that would be longer
// than 253 bytes is cut and ends in a hash of the whole.
[[nodiscard]] std::string ObjectNameFor(const std::string& kind, const std::string& name);

}  // namespace plimsoll::api
