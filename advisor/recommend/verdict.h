// SPDX-License-Identifier: Apache-2.0
//
// How the container stands today against its advice. The limit speaks first, since it kills: more
// than 2 % below the advice is too little. Otherwise 10 % either way is right enough.
#pragma once

#include "advisor/base/units.h"
#include "advisor/model/policy.h"
#include "advisor/recommend/recommendation.h"

namespace plimsoll::recommend {

[[nodiscard]] Verdict Judge(const model::CurrentResources& current, Bytes request, Bytes limit);

}  // namespace plimsoll::recommend
