// SPDX-License-Identifier: Apache-2.0
//
// Logs as one JSON object a line on standard error: {"time","level","msg"}.
#pragma once

#include "advisor/base/result.h"

namespace plimsoll::agent {

// Makes spdlog's default logger write JSON, and gRPC's own log go through it. `level`: "debug",
// "info", "warn" or "error". Errors: kInvalid for any other.
[[nodiscard]] Status LogAsJson(const std::string& level);

}  // namespace plimsoll::agent
