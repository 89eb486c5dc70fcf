// SPDX-License-Identifier: Apache-2.0
//
// A coordination.k8s.io/v1 Lease as leader election reads and writes it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::kube {

struct LeaseRecord {
  std::string holder;  // "" = nobody
  Duration duration{};
  std::string acquire_time;  // RFC 3339, as on the server
  std::string renew_time;
  int transitions = 0;
  std::string resource_version;
  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

// kInternal when the object is no Lease.
[[nodiscard]] Result<LeaseRecord> LeaseFromJson(const nlohmann::json& object);
// With the record's resource version, so that writing it back is conditional ("" for a new Lease).
[[nodiscard]] nlohmann::json LeaseToJson(const std::string& ns, const std::string& name,
                                         const LeaseRecord& record);

}  // namespace plimsoll::kube
