// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/actuator.h"

#include <algorithm>

namespace plimsoll::replay {
namespace {

constexpr Ratio kRaiseFrom{1.015};
constexpr Ratio kCutFrom{0.96};
// A guarded limit is close to demand: where that rises it would be raised again and again.
constexpr Ratio kGuardedReach{1.5};
constexpr Ratio kLargestCut{0.85};
constexpr Ratio kLargestGuardedCut{0.6};
constexpr Duration kBetweenCuts = std::chrono::hours(6);
constexpr Duration kQuiet = std::chrono::hours(24);
// A request that is short is corrected at once; one that is ample waits for the next cut.
constexpr Ratio kRequestShort{1.03};

}  // namespace

std::optional<Resources> Actuator::Next(const Resources& now, const Wish& wish, TimePoint time) {
  const Resources& wanted = wish.wanted;
  if (wanted.limit > now.limit * kRaiseFrom) {
    Bytes limit = wanted.limit;
    if (wish.unguarded_limit) {
      limit = std::max(limit, std::min(*wish.unguarded_limit, limit * kGuardedReach));
    }
    last_raise_ = time;
    return Resources{std::max(wanted.request, std::min(now.request, limit)), limit};
  }
  const bool quiet = (!last_raise_ || time - *last_raise_ >= kQuiet) &&
                     (!last_cut_ || time - *last_cut_ >= kBetweenCuts);
  const bool cut_limit = wanted.limit < now.limit * kCutFrom;
  const bool cut_request = wanted.request < now.request * kCutFrom;
  if (wish.may_shrink && quiet && (cut_limit || cut_request)) {
    last_cut_ = time;
    const Ratio most = wish.unguarded_limit ? kLargestGuardedCut : kLargestCut;
    const Bytes limit = cut_limit ? std::max(wanted.limit, now.limit * most) : now.limit;
    return Resources{std::min(wanted.request, limit), limit};
  }
  if (wanted.request > now.request * kRequestShort) {
    return Resources{std::min(wanted.request, now.limit), now.limit};
  }
  return std::nullopt;
}

}  // namespace plimsoll::replay
