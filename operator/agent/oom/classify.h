// SPDX-License-Identifier: Apache-2.0
//
// Which kind of kill it was, from what is known of it (sizing.md §C). Pure.
#pragma once

#include <optional>

#include "advisor/base/units.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

// Whose memory had run out.
enum class OomLevel { kContainer, kPod, kNode };

struct KillEvidence {
  OomLevel level = OomLevel::kContainer;
  bool container_died = true;   // PID 1 is gone, or the whole group was killed
  bool container_known = true;  // its limit could be read; absent then is unlimited
  std::optional<Bytes> container_limit{};
  std::optional<Bytes> container_peak{};  // highest usage of the container up to the kill
  std::optional<Bytes> pod_limit{};
};

// A pod's cgroup holds the sum of its containers' limits and the pause sandbox's own few hundred
// KiB besides, so that a container which reaches its limit often runs into the pod's first. That is
// its own limit in all but name: a pod kill counts as the container's when the pod has at least the
// container's limit and the container had come within 5 % (at least 2 MiB) of its own. With a limit
// of 64 MiB for both and a peak of 63.7 MiB: the container's. With the pod's limit left at 64 MiB
// and the container's raised to 160: the pod's. When nothing can be read of the container any more
// (it died while the agent was down) it counts as the container's, the usual case.
[[nodiscard]] v1::Oom::Kind Classify(const KillEvidence& evidence);

}  // namespace plimsoll::agent
