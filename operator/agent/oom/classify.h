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

// The limits around a kill, as they were read; outside: not read, inside: unlimited.
struct LimitsSeen {
  using Limit = std::optional<Bytes>;
  std::optional<Limit> before{};      // the container's, in the last reading before the kill
  std::optional<Limit> pod_before{};  // the pod's, at that reading
  std::optional<Limit> after{};       // the container's, when the kill was noticed
};

// The container's limit at a kill at its pod's limit, which the kernel said was `pod`; nullopt: not
// known. What was read last may be some seconds old, and what is read now of a time after the kill:
// when the pod's limit is not what it was at the last reading, somebody resized in between.
//   read 256 in a pod of 256, killed in a pod of 256: 256
//   read 256 in a pod of 256 (alone in it), killed in a pod of 218: cut to 218
//   read 256 in a pod of 320, killed in a pod of 282, 218 now: 218
//   the same, 256 now (the cut was taken back): 256 fits in 282, so it may have been another's cut
// A container's limit above the pod's is believed only where it was read in a pod of that limit: a
// running container's pod is never lowered below it.
[[nodiscard]] std::optional<LimitsSeen::Limit> LimitAtPodKill(const LimitsSeen& seen, Bytes pod);

// A pod's cgroup holds the sum of its containers' limits and the pause sandbox's own few hundred
// KiB besides, so that a container which reaches its limit often runs into the pod's first. That is
// its own limit in all but name: a pod kill counts as the container's when the pod has at least the
// container's limit and the container had come within 5 % (at least 2 MiB) of its own. With a limit
// of 64 MiB for both and a peak of 63.7 MiB: the container's. With the pod's limit left at 64 MiB
// and the container's raised to 160: the pod's. When nothing can be read of the container any more
// (it died while the agent was down) it counts as the container's, the usual case.
[[nodiscard]] v1::Oom::Kind Classify(const KillEvidence& evidence);

}  // namespace plimsoll::agent
