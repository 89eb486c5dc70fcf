// SPDX-License-Identifier: Apache-2.0
//
// Asks another replica's HTTP endpoint once, for `helm test`: our image holds no curl.
#pragma once

#include <chrono>
#include <string>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::web {

// GETs `url` ("http://plimsoll-metrics.ops.svc:8080/readyz") and gives the body of an answer 200,
// of at most 64 KiB. Errors: kInvalid for a URL that is none; kRetryable when the name is unknown,
// nobody answers within `timeout`, or the answer is another, with its body.
[[nodiscard]] Result<std::string> Probe(const std::string& url,
                                        Duration timeout = std::chrono::seconds(5));

}  // namespace plimsoll::web
