// SPDX-License-Identifier: Apache-2.0
//
// Where a node's agent listens.
#pragma once

#include <compare>
#include <string>

namespace plimsoll::agents {

struct Endpoint {
  std::string node;     // the node it speaks for
  std::string pod_uid;  // of the agent's pod: another pod is another agent
  std::string address;  // "10.244.0.7:9476", IPv6 in brackets
  auto operator<=>(const Endpoint&) const = default;
};

}  // namespace plimsoll::agents
