// SPDX-License-Identifier: Apache-2.0
//
// Times as the API writes them.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::kube {

// "2026-11-21T07:28:01Z", fractions and offsets allowed; years 1 to 9999. kInvalid otherwise.
[[nodiscard]] Result<TimePoint> ParseRfc3339(std::string_view text);

// metav1.Time: whole seconds, UTC.
[[nodiscard]] std::string FormatTime(TimePoint time);

// metav1.MicroTime: six digits, as leases and events carry.
[[nodiscard]] std::string FormatMicroTime(TimePoint time);

}  // namespace plimsoll::kube
