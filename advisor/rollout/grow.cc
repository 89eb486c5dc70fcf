// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/grow.h"

#include <algorithm>
#include <tuple>

namespace plimsoll::rollout {
namespace {

constexpr Ratio kNearLimit{0.90};

// A kill, a peak that nearly touches the limit, or a neighbour that has it already make any raise
// worth its patch.
bool NeedsNoLeastChange(const ContainerState& container, const Wish& wish, bool proven) {
  if (wish.urgent || wish.rollback || proven) return true;
  const auto& reading = container.reading;
  return reading && container.spec.limit &&
         reading->hard_peak_hour >= *container.spec.limit * kNearLimit;
}

bool WantsLimit(const ContainerState& container, const Wish& wish, bool any_change,
                const Rules& rules) {
  const auto& [from, to] = std::tie(container.spec.limit, wish.limit);
  return from && to && *to > *from && (any_change || LimitWorthIt(*from, *to, rules));
}

bool WantsRequest(const ContainerState& container, const Wish& wish, bool any_change,
                  const Rules& rules) {
  const auto& [from, to] = std::tie(container.spec.request, wish.request);
  return from && to && *to > *from && (any_change || RequestWorthIt(*from, *to, rules));
}

// Whether the node would have to keep more free.
bool NeedsRoom(const PodState& pod, const ContainerState& container, const Wish& wish,
               const Rules& rules, bool proven) {
  const bool any_change = NeedsNoLeastChange(container, wish, proven);
  return WantsRequest(container, wish, any_change, rules) ||
         (pod.guaranteed && WantsLimit(container, wish, any_change, rules));
}

std::optional<ContainerResize> ResizeOf(const PodState& pod, const ContainerState& container,
                                        const Wish& wish, const Rules& rules, bool limit_only,
                                        bool proven) {
  const bool any_change = NeedsNoLeastChange(container, wish, proven);
  const bool raise_limit = WantsLimit(container, wish, any_change, rules);
  const bool raise_request =
      !pod.guaranteed && !limit_only && WantsRequest(container, wish, any_change, rules);
  if (!raise_limit && !raise_request) return std::nullopt;

  ContainerResize resize{.container = container.name,
                         .from_request = container.spec.request,
                         .from_limit = container.spec.limit};
  if (raise_limit) resize.limit = wish.limit;
  const std::optional<Bytes> limit = resize.limit ? resize.limit : container.spec.limit;
  if (pod.guaranteed) {
    resize.request = resize.limit;
  } else if (raise_request) {
    resize.request = limit ? RequestUnder(container, false, wish.request, *limit) : wish.request;
    if (resize.request && *resize.request <= *container.spec.request) resize.request.reset();
  }
  if (!resize.limit && !resize.request) return std::nullopt;
  return resize;
}

}  // namespace

GrowAdvice Grow(const PodState& pod, const Wishes& wishes, const Plan& plan,
                const PodProgress& progress, bool proven, TimePoint now) {
  GrowAdvice advice;
  const bool refused = progress.refused && now - *progress.refused < plan.rules.refused_hold;
  Step step{
      .kind = StepKind::kResize, .intent = Intent::kGrow, .pod_uid = pod.uid, .pod_name = pod.name};
  for (const ContainerState& container : pod.containers) {
    const auto wish = wishes.find(container.name);
    if (wish == wishes.end()) continue;
    if (refused && NeedsRoom(pod, container, wish->second, plan.rules, proven)) {
      advice.withheld = progress.refused_why;
      advice.look_again = plan.rules.refused_hold - (now - *progress.refused);
    }
    auto resize = ResizeOf(pod, container, wish->second, plan.rules, refused, proven);
    if (!resize) continue;
    if (!container.running) {
      advice.reason = {
          "ContainerNotRunning",
          "container " + container.name + " of pod " + pod.name +
              " is not running; it is raised as soon as it runs, since a resize before "
              "leaves the pod's own limit behind"};
      continue;
    }
    if (wish->second.rollback) {
      step.intent = Intent::kRollback;
      step.reason = {"RolledBack", wish->second.hurt};
    }
    advice.urgent = advice.urgent || wish->second.urgent || wish->second.rollback;
    step.resizes.push_back(*resize);
  }
  if (step.resizes.empty()) return advice;
  if (refused && pod.guaranteed) {
    advice.reason = {progress.refused_why.code,
                     progress.refused_why.message +
                         "; a Guaranteed pod has no limit without its request, and it is asked "
                         "again later"};
    return advice;
  }
  if (!plan.capability.grow) {
    advice.reason = {"ResizeUnsupported",
                     std::string(kNoResize) + "; set the recommended values in the template"};
    return advice;
  }
  step.urgent = advice.urgent;
  if (step.intent == Intent::kGrow) {
    step.reason = {
        advice.urgent ? "OOMKilledAtLimit" : "UnderProvisioned",
        advice.urgent ? "raised at once after an OOM kill" : "raised to the recommendation"};
  }
  advice.step = std::move(step);
  return advice;
}

bool AtWish(const PodState& pod, const Wishes& wishes) {
  if (pod.resize != ResizeStatus::kNone) return false;  // asked for, not given
  return std::ranges::all_of(pod.containers, [&](const ContainerState& container) {
    const auto found = wishes.find(container.name);
    if (found == wishes.end()) return true;
    const auto& [request, limit] = container.spec;
    const Wish& wish = found->second;
    if (limit && wish.limit && (*limit < *wish.limit || !Actuated(container))) return false;
    return container.running && request >= RequestBeside(container, pod.guaranteed, wish);
  });
}

}  // namespace plimsoll::rollout
