// SPDX-License-Identifier: Apache-2.0
//
// A leak is not fed: once suspected, the limit follows growth to twice the usual peak and no
// further.
//   cap = max(2 b, the limit in force, the peak of today and yesterday, a start that goes on)
//   b = 300, limit 512, peak 480 -> 600 MiB, though the emergency rule asks for more.
// What is in force or in use already is never taken by it.
#pragma once

#include <optional>

#include "advisor/base/units.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/limit.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

// `limit`, the last step, after the cap; unchanged while no leak is suspected or no usual level is
// known.
[[nodiscard]] Entry CapLeak(const Situation& situation, const LimitNeed& need, Entry limit,
                            std::optional<Bytes> current_limit, Ledger& ledger);

}  // namespace plimsoll::sizing
