// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/wish.h"

#include <algorithm>

#include "advisor/model/clock_skew.h"

namespace plimsoll::rollout {
namespace {

constexpr Bytes kMiB{1LL << 20};
constexpr Bytes kLargestPage{64LL << 10};

bool Exceeds(Bytes from, Bytes to, Ratio share, const Rules& rules) {
  const Bytes change = from < to ? to - from : from - to;
  return change > rules.min_change_bytes && change > from * share;
}

bool KilledAfterCut(const OomSeen& oom, const Cut& cut, const Rules& rules) {
  const bool in_time = oom.time >= cut.time && oom.time - cut.time <= rules.rollback_watch;
  return in_time && (!oom.limit || *oom.limit < cut.from);
}

// A run that lived through the cut of its pod and ended badly soon after: what a runtime does that
// finds no memory, or a probe that finds it thrashing. Whole seconds round the end down.
bool EndedBadlyAfterCut(const std::string& container, const WorkloadState& state,
                        const Progress& progress, const Rules& rules) {
  return std::ranges::any_of(state.pods, [&](const PodState& pod) {
    const auto memory = progress.pods.find(pod.uid);
    const auto same = std::ranges::find(pod.containers, container, &ContainerState::name);
    if (memory == progress.pods.end() || same == pod.containers.end()) return false;
    const std::optional<TimePoint>& cut = memory->second.cut;
    if (!cut || !memory->second.wrote.contains(container) || !same->bad_end) return false;
    const TimePoint finished = same->bad_end->finished + std::chrono::seconds(1);
    return same->bad_end->started < *cut && finished > *cut &&
           same->bad_end->finished - *cut <= rules.rollback_watch;
  });
}

Wish WishOf(const ContainerTarget& target, const Rules& rules, const WorkloadState& state,
            const Progress& progress, TimePoint now) {
  Wish wish{.target = &target, .request = target.request, .limit = target.limit};
  if (!wish.limit) return wish;
  const auto oom = state.last_oom.find(target.container);
  const bool killed = oom != state.last_oom.end();
  if (killed) {
    const auto raised = progress.last_raise.find(target.container);
    wish.urgent = raised == progress.last_raise.end() || raised->second < oom->second.time;
  }
  const auto cut = progress.last_cut.find(target.container);
  if (cut == progress.last_cut.end()) return wish;
  const auto& hold = progress.hold_until;
  if (hold && cut->second.time < *hold && *hold <= now) return wish;
  if (killed && KilledAfterCut(oom->second, cut->second, rules)) {
    wish.hurt = "a kill followed the last cut";
  } else if (EndedBadlyAfterCut(target.container, state, progress, rules)) {
    wish.hurt = "a container that was cut ended with an error";
  }
  if (!wish.hurt.empty()) {
    wish.rollback = true;
    wish.limit = std::max(*wish.limit, cut->second.from);
    if (target.max_allowed) wish.limit = std::min(*wish.limit, *target.max_allowed);
  }
  return wish;
}

}  // namespace

Wishes WishesOf(const Plan& plan, const WorkloadState& state, const Progress& progress,
                TimePoint now) {
  Wishes wishes;
  for (const ContainerTarget& target : plan.targets) {
    wishes.emplace(target.container, WishOf(target, plan.rules, state, progress, now));
  }
  return wishes;
}

bool LimitWorthIt(Bytes from, Bytes to, const Rules& rules) {
  return Exceeds(from, to, rules.min_change, rules);
}

bool RequestWorthIt(Bytes from, Bytes to, const Rules& rules) {
  return Exceeds(from, to, rules.min_request_change, rules);
}

std::optional<Bytes> RequestUnder(const ContainerState& container, bool guaranteed,
                                  std::optional<Bytes> request, Bytes limit) {
  if (!container.spec.request) return std::nullopt;
  if (guaranteed) return limit;
  const Bytes wanted = std::min(request.value_or(*container.spec.request), limit);
  const bool was_equal = container.spec.limit && *container.spec.request == *container.spec.limit;
  if (wanted == limit && !was_equal && limit > kMiB) return limit - kMiB;
  return wanted;
}

std::optional<Bytes> RequestBeside(const ContainerState& container, bool guaranteed,
                                   const Wish& wish) {
  const auto& [request, limit] = container.spec;
  if (!request || !wish.request) return request;
  return limit ? RequestUnder(container, guaranteed, wish.request, *limit) : wish.request;
}

const Reading* FreshReading(const ContainerState& container, const Rules& rules, TimePoint now) {
  if (!container.reading) return nullptr;
  // A clock that was set back leaves readings from ahead, which would seem fresh until it is there.
  const Duration age = now - container.reading->time;
  return age > rules.reading_fresh || -age > model::kClockSkew ? nullptr : &*container.reading;
}

bool KernelHas(std::optional<Bytes> limit, std::optional<Bytes> asked) {
  if (!limit || !asked) return limit == asked;
  return *limit <= *asked && *asked - *limit < kLargestPage;
}

bool Actuated(const ContainerState& container) {
  return container.reading && KernelHas(container.reading->limit, container.spec.limit);
}

Bytes UpToMiB(Bytes amount) {
  const std::int64_t mib = kMiB.count();
  if (amount.count() > Bytes::Max().count() - mib) return amount;
  return Bytes((amount.count() + mib - 1) / mib * mib);
}

}  // namespace plimsoll::rollout
