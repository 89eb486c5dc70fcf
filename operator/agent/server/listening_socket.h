// SPDX-License-Identifier: Apache-2.0
//
// A TCP socket that listens, as the agent's doors need it: on IPv4 and IPv6.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "operator/agent/base/fd.h"

namespace plimsoll::agent {

struct ListeningSocket {
  Fd fd;         // does not block
  int port = 0;  // useful when port 0 was asked for
};

// `address`: HOST:PORT or [IPv6]:PORT; of a name, its first address. "[::]" is every address of
// both families, and of IPv4 alone where the machine has no IPv6. A port another process listens on
// is refused, not shared. Errors: kInvalid with the system's reason.
[[nodiscard]] Result<ListeningSocket> ListenOn(const std::string& address);

}  // namespace plimsoll::agent
