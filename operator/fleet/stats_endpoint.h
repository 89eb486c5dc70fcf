// SPDX-License-Identifier: Apache-2.0
//
// Where a pod says that its apps' own statistics are, by two annotations of the pod (of the
// workload's pod template):
//
//   plimsoll.dev/stats-socket: /run/app/stats.sock             of the pod's default container
//   plimsoll.dev/stats-socket: app=/run/a.sock,worker=/run/w.sock   of these
//   plimsoll.dev/stats-port: "9477"                            over TCP to the pod, for reading
//   only
//
// The default container is the one kubectl takes: kubectl.kubernetes.io/default-container, else the
// first. A container that is not named has the default socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "operator/kube/objects/pod.h"

namespace plimsoll::fleet {

struct StatsEndpoint {
  std::string socket;      // absolute path in the container; empty: the default
  std::uint16_t port = 0;  // 0: none
  // Not empty: the annotation cannot be meant, and how to write it; then nothing is read.
  std::string problem;
};

// What the agent takes: a path of at most 107 bytes of printable ASCII, without ".." and commas; a
// port of 1 to 65535. One bad entry spoils its own container only; one that names no container of
// the pod spoils the default one.
[[nodiscard]] StatsEndpoint StatsEndpointOf(const kube::Pod& pod, std::string_view container);

}  // namespace plimsoll::fleet
