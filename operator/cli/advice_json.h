// SPDX-License-Identifier: Apache-2.0
//
// A recommendation as one line of JSON: what `advise` answers.
#pragma once

#include <string>

#include "advisor/base/time.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::cli {

// Amounts are bytes; request and limit are null while there is no data.
void AppendAdvice(const std::string& container, TimePoint now,
                  const recommend::Recommendation& advice, std::string& out);

}  // namespace plimsoll::cli
