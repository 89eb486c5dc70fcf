// SPDX-License-Identifier: Apache-2.0
//
// Where a node's agent listens.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::agents {

struct Endpoint {
  std::string node;     // the node it speaks for
  std::string pod_uid;  // of the agent's pod: another pod is another agent
  std::string address;  // "10.244.0.7:9476", IPv6 in brackets
  auto operator<=>(const Endpoint&) const = default;
};

// As gRPC takes it: "10.244.0.7:9478", "[fd00::7]:9478".
inline std::string AddressOf(std::string_view ip, std::uint16_t port) {
  const bool v6 = ip.find(':') != std::string_view::npos;
  return (v6 ? "[" + std::string(ip) + "]" : std::string(ip)) + ":" + std::to_string(port);
}

}  // namespace plimsoll::agents
