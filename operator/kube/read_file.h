// SPDX-License-Identifier: Apache-2.0
//
// Small files whole: kubeconfigs, tokens, certificates.
#pragma once

#include <cstddef>
#include <string>

#include "advisor/base/result.h"

namespace plimsoll::kube {

// kNotFound, kForbidden (not readable) or kInvalid (larger than `max_size`, or no file), naming it.
[[nodiscard]] Result<std::string> ReadFile(const std::string& path,
                                           std::size_t max_size = 1u << 20);

}  // namespace plimsoll::kube
