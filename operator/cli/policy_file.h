// SPDX-License-Identifier: Apache-2.0
//
// A MemoryPolicy from a file, as the cluster would take it: the same reader, the same checks.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/model/policy.h"

namespace plimsoll::cli {

// The policy for `container` (its own entry, else "*"). Errors name file, line, field and
// remedy.
[[nodiscard]] Result<model::Policy> ReadPolicy(const std::string& path, std::string_view container);

}  // namespace plimsoll::cli
