// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/cache_need.h"

#include "advisor/history/log_code.h"

namespace plimsoll::sizing {
namespace {

constexpr double kAboveThrashing = 1.25;
constexpr double kShareOfDemand = 0.05;

}  // namespace

std::optional<CacheNeed> NeededCache(const Situation& situation, Ledger& ledger) {
  const history::LogCode missed = situation.history.missed_cache().Largest(situation.day, 14);
  if (missed != history::kNoData) {
    return CacheNeed{
        ledger.Multiply("cache.needed", {{"cache that was read back", history::Decode(missed)},
                                         {"a quarter more", kAboveThrashing}}),
        true};
  }
  const history::LogCode active = situation.history.active_cache().Largest(situation.day, 3);
  const history::LogCode highest = situation.days.highest;
  if (active == history::kNoData || highest == history::kNoData) return std::nullopt;
  const double share = ledger.Multiply("cache.share", {{"highest peak", history::Decode(highest)},
                                                       {"share of demand", kShareOfDemand}});
  return CacheNeed{ledger.Min("cache.needed",
                              {{"active cache", history::Decode(active)}, {"cache.share", share}}),
                   false};
}

}  // namespace plimsoll::sizing
