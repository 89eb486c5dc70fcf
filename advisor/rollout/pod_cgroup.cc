// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/pod_cgroup.h"

#include <algorithm>

namespace plimsoll::rollout {
namespace {

constexpr Bytes kMiB{1LL << 20};
// A patch is in both cgroups within 0.5 s; a reading from before that proves nothing.
constexpr Duration kSettleTime = std::chrono::seconds(2);

Bytes OtherValue(const ContainerState& container, const Wish& wish) {
  const Bytes limit = *container.spec.limit;
  if (wish.limit && *wish.limit > limit) return *wish.limit;
  const Bytes more = UpToMiB(limit) + kMiB;
  const auto& cap = wish.target->max_allowed;
  return cap && more > *cap ? limit - kMiB : more;
}

}  // namespace

bool PodCgroupIsStale(const PodState& pod, const Rules& rules, TimePoint now) {
  if (!pod.other_limits) return false;
  Bytes sum = *pod.other_limits;
  std::optional<Bytes> pod_limit;
  TimePoint newest{};
  for (const ContainerState& container : pod.containers) {
    if (!container.spec.limit) return false;
    sum += *container.spec.limit;
    const Reading* reading = FreshReading(container, rules, now);
    if (reading == nullptr || reading->time < newest) continue;
    // Another limit than asked for means that a resize is still on its way.
    if (container.running && !Actuated(container)) return false;
    newest = reading->time;
    pod_limit = reading->pod_limit;
  }
  return pod_limit && *pod_limit < sum && !KernelHas(pod_limit, sum);
}

bool KilledByPodLimit(const PodState& pod, const PodProgress& progress, const Rules& rules,
                      TimePoint now) {
  if (!pod.pod_oom || now - *pod.pod_oom > rules.refused_hold) return false;
  if (progress.patched && *progress.patched >= *pod.pod_oom) return false;
  return std::ranges::none_of(pod.containers, [&](const ContainerState& container) {
    return FreshReading(container, rules, now) != nullptr;
  });
}

std::optional<Step> Heal(const PodState& pod, const Wishes& wishes, const Plan& plan,
                         const PodProgress& progress, TimePoint now) {
  const bool seen = PodCgroupIsStale(pod, plan.rules, now);
  const bool told = KilledByPodLimit(pod, progress, plan.rules, now);
  if (!plan.capability.grow || (!seen && !told)) return std::nullopt;
  for (const ContainerState& container : pod.containers) {
    const auto wish = wishes.find(container.name);
    if (wish == wishes.end() || !container.running || !container.spec.limit) continue;
    if (!told) {
      if (!container.reading) continue;
      if (progress.patched && container.reading->time < *progress.patched + kSettleTime) continue;
    }
    ContainerResize resize{.container = container.name,
                           .limit = OtherValue(container, wish->second),
                           .from_request = container.spec.request,
                           .from_limit = container.spec.limit};
    if (pod.guaranteed) resize.request = resize.limit;
    return Step{
        .kind = StepKind::kResize,
        .intent = Intent::kHeal,
        .urgent = true,
        .pod_uid = pod.uid,
        .pod_name = pod.name,
        .resizes = {resize},
        .reason = {"PodCgroupStale",
                   "the limit of pod " + pod.name +
                       "'s cgroup stayed behind its containers'; one more resize moves it"}};
  }
  return std::nullopt;
}

}  // namespace plimsoll::rollout
