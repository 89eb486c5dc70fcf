// SPDX-License-Identifier: Apache-2.0
//
// MemoryCheckpoint: what the operator remembers of one workload, so that a restart forgets nothing.
// The bytes are the advisor's own binary form (advisor/history), one blob a container.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/api/target_ref.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::api {

// The advisor's promise per container; base64 makes it 2048 characters.
inline constexpr std::size_t kMaxCheckpointBytes = 1536;

struct ContainerCheckpoint {
  std::string name;
  std::string data;  // binary, at most kMaxCheckpointBytes

  friend bool operator==(const ContainerCheckpoint&, const ContainerCheckpoint&) = default;
};

// What auto-patch must remember of a workload, as one JSON text; the operator's own, like `data`.
inline constexpr std::size_t kMaxRolloutText = 16384;

struct MemoryCheckpoint {
  kube::ObjectMeta meta{};
  TargetRef target{};                           // spec.targetRef, immutable
  std::optional<TimePoint> updated{};           // status.updatedTime
  std::vector<ContainerCheckpoint> containers;  // status.containers, those that can be read
  std::vector<Error> damaged;                   // the others: kInvalid naming container and field
  std::string rollout;                          // status.rollout, at most kMaxRolloutText
};

// Errors: kInvalid naming the field. A container whose data is not base64 or too long is no error
// of the whole: it is left out and told in `damaged`.
[[nodiscard]] Result<MemoryCheckpoint> ParseMemoryCheckpoint(const nlohmann::json& object);

// Bodies of server-side applies. Errors of the second: kInvalid naming a container whose data is
// longer than kMaxCheckpointBytes: it must not be cut.
[[nodiscard]] nlohmann::json MemoryCheckpointApply(const MemoryCheckpoint& checkpoint);
[[nodiscard]] Result<nlohmann::json> MemoryCheckpointStatusApply(
    const MemoryCheckpoint& checkpoint);

}  // namespace plimsoll::api
