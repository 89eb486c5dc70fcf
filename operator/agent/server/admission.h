// SPDX-License-Identifier: Apache-2.0
//
// Which connection makes room for another. Pure.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <vector>

#include "advisor/base/time.h"

namespace plimsoll::agent {

// An IPv6 address, or an IPv4 one mapped into it; all zero for what is neither.
using PeerAddress = std::array<std::uint8_t, 16>;

[[nodiscard]] PeerAddress AddressOf(const sockaddr_storage& peer);

struct Guest {
  PeerAddress from{};
  Instant since;
};

// The index of the one that must leave `guests` (oldest first, not empty; the last has just come
// and is only counted, so there are two at least).
//
// It is one of the address that holds the most, of equals the one that came last: who floods the
// door crowds out himself. Of that address it is the oldest still within `trial`, the time a
// connection has to prove itself, and only where there is none, the oldest of all: behind a
// translated address, where the flood and the operator look alike, a standing stream stays.
//
//   from  A   B   B   B   A     since  -60 s  -9 s  -3 s  -2 s  now     trial 5 s
//   B holds three, A two; of B the first stands longer than 5 s, so the second, index 2, leaves.
[[nodiscard]] std::size_t WhoLeaves(const std::vector<Guest>& guests, Instant now, Duration trial);

}  // namespace plimsoll::agent
