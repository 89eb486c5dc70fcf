// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/actuator.h"

#include <algorithm>

namespace plimsoll::replay {
namespace {

constexpr Ratio kRaiseFrom{1.015};
constexpr Ratio kCutFrom{0.96};
constexpr Ratio kGuardedCutFrom{0.9};
// A guarded limit is close to demand: where that rises it would be raised again and again.
constexpr Ratio kGuardedReach{3};
constexpr Duration kSameRise = std::chrono::minutes(10);
constexpr Ratio kFurther{1.4};
constexpr Ratio kLargestCut{0.85};
constexpr Ratio kLargestGuardedCut{0.4};
constexpr Duration kBetweenCuts = std::chrono::hours(6);
constexpr Duration kQuiet = std::chrono::hours(30);
// A request that is short is corrected at once; one that is ample waits for the next cut.
constexpr Ratio kRequestShort{1.03};

}  // namespace

std::optional<Resources> Actuator::Next(const Resources& now, const Wish& wish, TimePoint time) {
  const Resources& wanted = wish.wanted;
  if (wanted.limit > now.limit * kRaiseFrom) {
    Bytes limit = wanted.limit;
    // A second raise within minutes: the rise goes on, and 1.4 times at a time ends it sooner.
    if (last_raise_ && time - *last_raise_ < kSameRise) {
      limit = std::max(limit, now.limit * kFurther);
    }
    if (wish.unguarded_limit) {
      limit = std::max(limit, std::min(*wish.unguarded_limit, limit * kGuardedReach));
    }
    last_raise_ = time;
    return Resources{std::max(wanted.request, std::min(now.request, limit)), limit};
  }
  Resources next = now;
  const bool quiet = (!last_raise_ || time - *last_raise_ >= kQuiet) &&
                     (!last_cut_ || time - *last_cut_ >= kBetweenCuts);
  const Ratio cut_from = wish.unguarded_limit ? kGuardedCutFrom : kCutFrom;
  if (wish.may_shrink && quiet && wanted.limit < now.limit * cut_from) {
    last_cut_ = time;
    const Ratio most = wish.unguarded_limit ? kLargestGuardedCut : kLargestCut;
    next.limit = std::max(wanted.limit, now.limit * most);
  }
  const bool ample = wish.may_shrink && wanted.request < now.request * kCutFrom;
  if (ample && (!last_request_ || time - *last_request_ >= kBetweenCuts)) {
    next.request = wanted.request;
  }
  if (wanted.request > now.request * kRequestShort) {
    next.request = wanted.request;
  }
  next.request = std::min(next.request, next.limit);
  if (next == now) return std::nullopt;
  if (next.request != now.request) last_request_ = time;
  return next;
}

}  // namespace plimsoll::replay
