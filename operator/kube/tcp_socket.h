// SPDX-License-Identifier: Apache-2.0
//
// What a connection to the server asks of TCP. Private to the transport.
#pragma once

#include <optional>
#include <string>

namespace plimsoll::kube {

// The address family every address of `host` has; nothing when they differ or cannot be found.
[[nodiscard]] std::optional<int> FamilyOf(const std::string& host);

// Whether `host` is an IP address, in brackets or not, and no name.
[[nodiscard]] bool IsAddress(const std::string& host);

// A peer that is gone is found within a minute; small writes leave at once.
void KeepAlive(int socket);

}  // namespace plimsoll::kube
