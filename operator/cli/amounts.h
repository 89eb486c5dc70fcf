// SPDX-License-Identifier: Apache-2.0
//
// What an amount of memory may be in what users feed the commands.
#pragma once

namespace plimsoll::cli {

// As the history: no container has more than 8 TiB, and more of it would be passed over.
inline constexpr double kMostBytes = 8.0 * (1LL << 40);

}  // namespace plimsoll::cli
