// SPDX-License-Identifier: Apache-2.0
//
// The `stats` of a `runtime` event: AllocatorStats in protobuf's own JSON.
#pragma once

#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/model/runtime_stats.h"

namespace plimsoll::cli {

// Names of fields in snake_case or camelCase, unknown ones passed over; `time` is the sample's
// where it tells none. kInvalid naming the field as "stats.heap.live".
[[nodiscard]] Result<model::RuntimeStats> ParseStats(std::string_view json, TimePoint time);

}  // namespace plimsoll::cli
