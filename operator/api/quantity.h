// SPDX-License-Identifier: Apache-2.0
//
// Memory amounts as Kubernetes writes them. Text that we write is canonical: the largest binary
// suffix that divides the amount, so 512Mi stays 512Mi and 2048Mi becomes 2Gi, as kubectl would.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/units.h"

namespace plimsoll::api {

// Exact, sign kept: 654311424 -> "624Mi", 500000000 -> "500M" (no Ki divides it), 1000 -> "1k",
// 0 -> "0", -704643072 -> "-672Mi".
[[nodiscard]] std::string FormatQuantity(Bytes amount);

// For observed values, which fall on any byte: up to the next Mi (below 1Mi: the next Ki), so
// 310000000 -> "296Mi". Never shows less than was seen.
[[nodiscard]] std::string FormatObserved(Bytes amount);

// Whole bytes from any Kubernetes quantity; a fraction of a byte is rounded up, as Kubernetes does.
// Errors: kInvalid with the text and the remedy, for anything else and for more than 2^63-1 bytes.
[[nodiscard]] Result<Bytes> ParseQuantity(std::string_view text);

}  // namespace plimsoll::api
