// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace plimsoll::api {

// As many containers as a list of any of our objects holds: maxItems of the CRDs. Longer lists are
// refused when read, and cut when written.
inline constexpr std::size_t kMaxContainers = 64;

}  // namespace plimsoll::api
