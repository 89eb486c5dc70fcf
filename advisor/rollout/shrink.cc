// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/shrink.h"

#include <algorithm>

namespace plimsoll::rollout {
namespace {

using recommend::Reason;

std::string MiB(Bytes amount) { return std::to_string(amount.count() >> 20) + "Mi"; }

// 512 MiB with 15 %: 435.2, so 436 MiB; never below the wish.
Bytes StepDown(Bytes from, Bytes to, const Rules& rules) {
  return std::max(to, UpToMiB(from - from * rules.max_step_down));
}

std::optional<ContainerResize> NextCut(const PodState& pod, const ContainerState& container,
                                       const Wish& wish, const Rules& rules) {
  ContainerResize cut{.container = container.name,
                      .from_request = container.spec.request,
                      .from_limit = container.spec.limit};
  const std::optional<Bytes>& limit = container.spec.limit;
  const std::optional<Bytes>& request = container.spec.request;
  if (limit && wish.limit && *wish.limit < *limit && LimitWorthIt(*limit, *wish.limit, rules)) {
    cut.limit = StepDown(*limit, *wish.limit, rules);
    cut.request = RequestUnder(container, pod.guaranteed, request, *cut.limit);
  }
  if (!pod.guaranteed && request && wish.request && *wish.request < *request &&
      RequestWorthIt(*request, *wish.request, rules)) {
    const Bytes lower = StepDown(*request, *wish.request, rules);
    cut.request = std::min(lower, cut.request.value_or(lower));
  }
  if (cut.request == container.spec.request) cut.request.reset();
  if (!cut.limit && !cut.request) return std::nullopt;
  return cut;
}

// What speaks against any cut now, whatever the size.
std::optional<Reason> Obstacle(const PodState& pod, const ContainerState& container,
                               const Wish& wish, const Plan& plan, const Progress& progress,
                               TimePoint now) {
  if (!plan.capability.grow) {
    return Reason{"ResizeUnsupported", std::string(kNoResize)};
  }
  if (!plan.capability.shrink) {
    return Reason{"ResizeUnsupported",
                  "the API server cannot lower a memory limit in place before Kubernetes 1.34"};
  }
  if (!wish.target->may_shrink) {
    return Reason{"InsufficientData", "container " + container.name +
                                          " should get less, but a cut is not safe yet: " +
                                          wish.target->why_not_shrink};
  }
  if (progress.hold_until && now < *progress.hold_until) {
    return Reason{"RolledBack", "a cut was rolled back; no further one until the hold is over"};
  }
  if (!container.running || !pod.ready) {
    return Reason{"ContainerNotRunning", "pod " + pod.name + " is not ready"};
  }
  if (FreshReading(container, plan.rules, now) == nullptr) {
    return Reason{"TelemetryStale",
                  "no fresh reading of pod " + pod.name + " from its node's agent"};
  }
  if (!Actuated(container)) {
    return Reason{"RolloutInProgress",
                  "the last resize of pod " + pod.name + " is not in force yet"};
  }
  return std::nullopt;
}

std::optional<Reason> UsageObstacle(const PodState& pod, const Reading& reading, Bytes limit,
                                    const Rules& rules) {
  if (reading.pressure) {
    return Reason{"WaitingForUsage", "pod " + pod.name + " stalls on memory"};
  }
  if (reading.usage > limit * rules.usage_guard) {
    return Reason{"WaitingForUsage", "pod " + pod.name + " uses " + MiB(reading.usage) +
                                         ", above 90 % of the next limit " + MiB(limit)};
  }
  if (reading.hard_peak_hour > limit * rules.peak_guard) {
    return Reason{"WaitingForUsage",
                  "pod " + pod.name + " peaked at " + MiB(reading.hard_peak_hour) +
                      " within the hour, above 95 % of the next limit " + MiB(limit)};
  }
  return std::nullopt;
}

}  // namespace

ShrinkAdvice Shrink(const PodState& pod, const ContainerState& container, const Wish& wish,
                    const Plan& plan, const Progress& progress, TimePoint now) {
  ShrinkAdvice advice;
  std::optional<ContainerResize> cut = NextCut(pod, container, wish, plan.rules);
  if (!cut) return advice;
  if (auto obstacle = Obstacle(pod, container, wish, plan, progress, now)) {
    advice.reason = std::move(*obstacle);
    return advice;
  }
  if (plan.closed) {
    advice.reason = {"OutsideWindow", plan.closed->message};
    advice.look_again = plan.closed->opens_in;
    return advice;
  }
  const auto memory = progress.pods.find(pod.uid);
  if (memory != progress.pods.end() && memory->second.cut) {
    const Duration since = now - *memory->second.cut;
    if (since < plan.rules.cooldown) {
      advice.reason = {"WaitingForCooldown", "pod " + pod.name + " was cut a short while ago"};
      advice.look_again = plan.rules.cooldown - since;
      return advice;
    }
  }
  // A raise is evidence of need: it starts the cooldown as well.
  const auto raised = progress.last_raise.find(container.name);
  if (raised != progress.last_raise.end() && now - raised->second < plan.rules.cooldown) {
    advice.reason = {"WaitingForCooldown", "container " + container.name + " was raised lately"};
    advice.look_again = plan.rules.cooldown - (now - raised->second);
    return advice;
  }
  advice.next = std::move(cut);
  if (advice.next->limit) {
    const Reading& reading = *FreshReading(container, plan.rules, now);
    if (auto obstacle = UsageObstacle(pod, reading, *advice.next->limit, plan.rules)) {
      advice.reason = std::move(*obstacle);
      advice.look_again = std::chrono::seconds(15);
      return advice;
    }
  }
  advice.allowed = true;
  return advice;
}

}  // namespace plimsoll::rollout
