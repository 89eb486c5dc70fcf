// SPDX-License-Identifier: Apache-2.0
//
// Text that must fit a schema's maxLength, and times as Kubernetes writes them (RFC 3339).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "advisor/base/time.h"

namespace plimsoll::api {

// The text as valid UTF-8 of at most max_bytes: bytes that are none (a process may name itself
// anything) become '?', and what is too long ends in "..." at a character's edge.
[[nodiscard]] std::string FitText(std::string_view text, std::size_t max_bytes);

// "1 pod", "3 pods": `noun` is the singular of a word whose plural takes an s.
[[nodiscard]] std::string Counted(std::int64_t count, std::string_view noun);

// "2026-08-21T07:12:44Z": whole seconds, as metav1.Time.
[[nodiscard]] std::string FormatTime(TimePoint time);

// Takes fractions of a second (cut to milliseconds) and offsets; absent for anything else.
[[nodiscard]] std::optional<TimePoint> ParseTime(std::string_view text);

}  // namespace plimsoll::api
