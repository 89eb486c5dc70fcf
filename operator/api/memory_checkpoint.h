// SPDX-License-Identifier: Apache-2.0
//
// MemoryCheckpoint: what the operator remembers of one workload, so that a restart forgets nothing.
// The bytes are the advisor's own binary form (advisor/history), one blob a container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/api/object_meta.h"

namespace plimsoll::api {

// The advisor's promise per container; base64 makes it 2048 characters.
inline constexpr std::size_t kMaxCheckpointBytes = 1536;

struct ContainerCheckpoint {
  std::string name;
  std::string data;  // binary, at most kMaxCheckpointBytes

  friend bool operator==(const ContainerCheckpoint&, const ContainerCheckpoint&) = default;
};

struct MemoryCheckpoint {
  ObjectMeta metadata{};
  TargetRef target{};                           // spec.targetRef, immutable
  std::optional<TimePoint> updated{};           // status.updatedTime
  std::vector<ContainerCheckpoint> containers;  // status.containers
};

// Errors: kInvalid naming the field; a blob that is not base64 or too long is one.
[[nodiscard]] Result<MemoryCheckpoint> ParseMemoryCheckpoint(std::string_view json);

// Bodies of server-side applies. Errors of the second: kInvalid naming a container whose data is
// longer than kMaxCheckpointBytes: it must not be cut.
[[nodiscard]] std::string MemoryCheckpointApply(const MemoryCheckpoint& checkpoint);
[[nodiscard]] Result<std::string> MemoryCheckpointStatusApply(const MemoryCheckpoint& checkpoint);

}  // namespace plimsoll::api
