// SPDX-License-Identifier: Apache-2.0
//
// The limit that a container needs when nobody can raise it in time: the largest of what the
// estimators ask for (sizing.md §G.2).
//   L = max(base (1 + m), trend, 1.05 start-up, cold 1.5 highest) + cache
//   L = max(L, OOM floor, boundary floor);  today's peak y > base -> L >= y (1 + m) (y / base)^1.5
//   base 310, m 0.10, start-up 300 -> max(341, 315) = 341; a peak of 330 today -> 398.7
#pragma once

#include <optional>

#include "advisor/recommend/reason.h"
#include "advisor/sizing/cache_need.h"
#include "advisor/sizing/ledger.h"
#include "advisor/sizing/run_peak.h"
#include "advisor/sizing/situation.h"
#include "advisor/sizing/trend.h"

namespace plimsoll::sizing {

struct LimitNeed {
  double bytes = 0;
  double usual = 0;   // the baseline b; 0 while unknown
  double held = 0;    // the leased peak; 0 while fewer than two days are known
  double margin = 0;  // m
  double proven = 0;  // what kills and starvation ask for; 0 without either
  std::optional<Trend> trend{};
  std::optional<CacheNeed> cache{};
  std::optional<RunNeed> runs{};  // Jobs only
};

// Absent without any evidence. `reasons` gains what governed.
[[nodiscard]] std::optional<LimitNeed> UnguardedLimit(const Situation& situation, Ledger& ledger,
                                                      recommend::ReasonSet& reasons);

}  // namespace plimsoll::sizing
