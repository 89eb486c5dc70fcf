// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/admission.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>

#include <cstring>

namespace plimsoll::agent {
namespace {

using namespace std::chrono_literals;

constexpr Instant kNow{1000s};
constexpr Duration kTrialTime = 5s;

Guest From(char who, Duration ago) {
  Guest guest{{}, kNow - ago};
  guest.from[15] = static_cast<std::uint8_t>(who);
  return guest;
}

std::size_t Leaves(const std::vector<Guest>& guests) { return WhoLeaves(guests, kNow, kTrialTime); }

TEST_CASE("WhoLeaves: one of the address that holds the most") {
  // The example of the header.
  CHECK(Leaves({From('A', 60s), From('B', 9s), From('B', 3s), From('B', 2s), From('A', 0s)}) == 2);
  // The newcomer counts for its own address: B would be before A otherwise.
  CHECK(Leaves({From('B', 4s), From('A', 3s), From('A', 2s), From('B', 1s), From('A', 0s)}) == 1);
}

TEST_CASE("WhoLeaves: of equals it is the address that came last, and never the newcomer") {
  CHECK(Leaves({From('A', 3s), From('B', 2s), From('C', 1s), From('D', 0s)}) == 2);
  CHECK(Leaves({From('A', 3s), From('A', 0s)}) == 0);
}

TEST_CASE("WhoLeaves: who has stood his trial stays before one who has not") {
  CHECK(Leaves({From('A', 60s), From('A', 5s), From('A', 4s), From('A', 1s), From('A', 0s)}) == 2);
  // All have: somebody must make room.
  CHECK(Leaves({From('A', 60s), From('A', 50s), From('A', 0s)}) == 0);
}

TEST_CASE("AddressOf: an IPv4 peer is the same on an IPv4 and on an IPv6 socket") {
  sockaddr_storage peer{};
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(peer);
  ipv4.sin_family = AF_INET;
  ::inet_pton(AF_INET, "10.1.2.3", &ipv4.sin_addr);
  const PeerAddress plain = AddressOf(peer);
  peer = {};
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(peer);
  ipv6.sin6_family = AF_INET6;
  ::inet_pton(AF_INET6, "::ffff:10.1.2.3", &ipv6.sin6_addr);
  CHECK(AddressOf(peer) == plain);
  ::inet_pton(AF_INET6, "::ffff:10.1.2.4", &ipv6.sin6_addr);
  CHECK(AddressOf(peer) != plain);
}

}  // namespace
}  // namespace plimsoll::agent
