// SPDX-License-Identifier: Apache-2.0
//
// The requests a reflector makes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "operator/kube/reflector.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {

// Streamed initial state, then the watch, on one connection.
[[nodiscard]] HttpRequest MakeStreamRequest(const WatchTarget& target,
                                            std::string_view resource_version, Duration timeout);
// What comes after `resource_version`.
[[nodiscard]] HttpRequest MakeWatchRequest(const WatchTarget& target,
                                           std::string_view resource_version, Duration timeout);
// One page: by `continue_token` if there is one, else from `resource_version` ("": consistent
// read). limit 0: all in one answer.
[[nodiscard]] HttpRequest MakeListRequest(const WatchTarget& target,
                                          std::string_view resource_version,
                                          std::string_view continue_token, std::size_t limit);

}  // namespace plimsoll::kube
