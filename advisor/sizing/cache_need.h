// SPDX-License-Identifier: Apache-2.0
//
// How much file cache is needed rather than merely used. Cache that was read back at more than 1 %
// of its size a minute was too small: a quarter more than the largest such is needed, for 14 days.
// Lacking such proof, the kernel's active cache of the last three days, at most 10 % of the peak
// demand.
//   thrashing seen at 2.0 GiB of cache -> 2.2 GiB;  none seen, active 300 MiB, peak 1 GiB -> 102
//   MiB
#pragma once

#include <optional>

#include "advisor/sizing/ledger.h"
#include "advisor/sizing/situation.h"

namespace plimsoll::sizing {

struct CacheNeed {
  double bytes = 0;
  bool proven = false;  // by refaults
};

// Absent where cache is not measured.
[[nodiscard]] std::optional<CacheNeed> NeededCache(const Situation& situation, Ledger& ledger);

}  // namespace plimsoll::sizing
