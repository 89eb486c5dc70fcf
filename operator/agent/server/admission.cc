// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/admission.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace plimsoll::agent {

PeerAddress AddressOf(const sockaddr_storage& peer) {
  PeerAddress address{};
  if (peer.ss_family == AF_INET6) {
    const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(peer);
    std::memcpy(address.data(), &ipv6.sin6_addr, address.size());
  } else if (peer.ss_family == AF_INET) {
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(peer);
    address[10] = address[11] = 0xff;
    std::memcpy(address.data() + 12, &ipv4.sin_addr, 4);
  }
  return address;
}

std::size_t WhoLeaves(const std::vector<Guest>& guests, Instant now, Duration trial) {
  const auto newcomer = std::prev(guests.end());
  std::ptrdiff_t most = 0;
  auto oldest = guests.begin();  // of the address that holds the most
  for (auto guest = guests.begin(); guest != newcomer; ++guest) {
    const auto same = [&](const Guest& other) { return other.from == guest->from; };
    if (std::find_if(guests.begin(), guest, same) != guest) continue;
    const auto held = std::count_if(guests.begin(), guests.end(), same);
    if (held < most) continue;
    most = held;
    oldest = guest;
  }
  const auto on_trial = std::find_if(oldest, newcomer, [&](const Guest& guest) {
    return guest.from == oldest->from && now - guest.since < trial;
  });
  return static_cast<std::size_t>((on_trial == newcomer ? oldest : on_trial) - guests.begin());
}

}  // namespace plimsoll::agent
