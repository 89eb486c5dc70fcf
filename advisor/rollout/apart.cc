// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/apart.h"

#include <array>
#include <string>

namespace plimsoll::rollout {
namespace {

using recommend::Reason;

// Exact, as a manifest has it.
std::string Text(Bytes amount) {
  return amount == UpToMiB(amount) ? std::to_string(amount.count() >> 20) + "Mi"
                                   : std::to_string(amount.count());
}

std::string Named(const PodState& pod, const ContainerState& container) {
  return "container " + container.name + " of pod " + pod.name;
}

std::optional<Reason> NotSeen(const PodState& pod, const ContainerState& container,
                              const Wish& /*wish*/, const Rules& rules, TimePoint now) {
  if (!container.running) {
    return Reason{"ContainerNotRunning", Named(pod, container) + " does not run now"};
  }
  if (FreshReading(container, rules, now) == nullptr) {
    return Reason{"TelemetryStale", "no fresh reading of pod " + pod.name +
                                        " from its node's agent: what the kernel has is not known"};
  }
  return std::nullopt;
}

// A running pod gets no limit or request that it was made without: that could change its QoS class,
// which the API server refuses.
std::optional<Reason> NotSet(const PodState& pod, const ContainerState& container, const Wish& wish,
                             const Rules& /*rules*/, TimePoint /*now*/) {
  const auto lacks = [&](std::string code, const std::string& what, Bytes advised) {
    return Reason{std::move(code), Named(pod, container) + " has no memory " + what +
                                       ", and a running pod is not given one: set " +
                                       Text(advised) + " in the workload's template"};
  };
  if (wish.limit && !container.spec.limit) return lacks("NoLimitSet", "limit", *wish.limit);
  if (wish.request && !container.spec.request) {
    return lacks("NoRequestSet", "request", *wish.request);
  }
  return std::nullopt;
}

std::optional<Reason> TooLittle(const PodState& pod, const ContainerState& container,
                                const Wish& wish, const Rules& /*rules*/, TimePoint /*now*/) {
  const auto differs = [&](const std::string& what, Bytes from, Bytes to) {
    return Reason{"BelowMinChange", Named(pod, container) + " has " + what + " " + Text(from) +
                                        ", advised are " + Text(to) +
                                        ": less apart than a change has to be"};
  };
  const auto& [request, limit] = container.spec;
  if (limit && wish.limit && *limit != *wish.limit) return differs("limit", *limit, *wish.limit);
  const std::optional<Bytes> wanted = RequestBeside(container, pod.guaranteed, wish);
  if (wanted != request) return differs("request", *request, *wanted);
  return std::nullopt;
}

}  // namespace

std::optional<Reason> WhyApart(const PodState& pod, const Wishes& wishes, const Rules& rules,
                               TimePoint now) {
  for (const auto why : std::array{NotSeen, NotSet, TooLittle}) {
    for (const ContainerState& container : pod.containers) {
      const auto wish = wishes.find(container.name);
      if (wish == wishes.end()) continue;
      if (auto reason = why(pod, container, wish->second, rules, now)) return reason;
    }
  }
  return std::nullopt;
}

}  // namespace plimsoll::rollout
