// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/observe.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "advisor/rollout/wish.h"
#include "operator/controllers/autopatch/closed_windows.h"
#include "operator/fleet/stats_endpoint.h"

namespace plimsoll::autopatch {
namespace {

// The newest run that ended with an error.
std::optional<rollout::BadEnd> BadEndOf(const kube::ContainerStatus& status) {
  for (const auto* end : {status.terminated.get(), status.last_terminated.get()}) {
    if (end != nullptr && end->exit_code != 0) {
      return rollout::BadEnd{.started = end->started, .finished = end->finished};
    }
  }
  return std::nullopt;
}

rollout::ContainerState ContainerStateOf(const kube::Container& container,
                                         const fleet::PodEntry& entry, TimePoint now) {
  rollout::ContainerState state{
      .name = container.name.str(),
      .spec = {container.resources.requests.memory, container.resources.limits.memory}};
  const kube::ContainerStatus* status = entry.pod->FindStatus(container.name);
  if (status != nullptr) {
    state.instance = fleet::BareContainerId(status->container_id);
    state.bad_end = BadEndOf(*status);
    state.running = status->state == kube::ContainerRunState::kRunning;
    if (status->resources) {
      state.actual = model::CurrentResources{status->resources->requests.memory,
                                             status->resources->limits.memory};
    }
  }
  const auto instance = entry.instances.find(state.name);
  if (instance != entry.instances.end()) {
    state.reading = fleet::ReadingOf(instance->second, now);
    state.runtime = fleet::RuntimeOf(instance->second);
    state.runtime_problem = instance->second.runtime_problem;
    // What was read before the annotation was spoiled is not the present.
    if (std::string problem = fleet::StatsEndpointOf(*entry.pod, state.name).problem;
        !problem.empty()) {
      state.runtime.reset();
      state.runtime_problem = std::move(problem);
    }
    state.watched_since = instance->second.watched_since;
  }
  return state;
}

void ReadResize(const kube::Pod& pod, rollout::PodState& state) {
  const kube::PodCondition* pending = pod.FindCondition("PodResizePending");
  const kube::PodCondition* progress = pod.FindCondition("PodResizeInProgress");
  const auto holds = [](const kube::PodCondition* condition) {
    return condition != nullptr && condition->status == kube::ConditionStatus::kTrue;
  };
  const kube::PodCondition* telling = nullptr;
  if (holds(pending)) {
    telling = pending;
    state.resize = pending->reason == "Infeasible" ? rollout::ResizeStatus::kInfeasible
                                                   : rollout::ResizeStatus::kDeferred;
  } else if (holds(progress)) {
    telling = progress;
    state.resize = rollout::ResizeStatus::kInProgress;
  }
  if (telling == nullptr) return;
  state.resize_message = telling->message.str();
  if (telling->last_transition != TimePoint{}) state.resize_since = telling->last_transition;
}

// One that runs beside those that a resize can change.
void AddOther(const kube::Container& container, rollout::PodState& pod) {
  if (!kube::LivesWithPod(container.kind) || !pod.other_limits) return;
  const std::optional<Bytes>& limit = container.resources.limits.memory;
  pod.other_limits = limit ? std::optional(*pod.other_limits + *limit) : std::nullopt;
}

// The advisor's own words for what holds a cut back.
std::string WhyNotShrink(const recommend::Recommendation& recommendation) {
  static const std::set<std::string_view> kHolding{
      "TelemetryStale",    "ObservationTooShort", "PressureOn",   "RecentOom",
      "StarvedAtBoundary", "LeakSuspected",       "LeakConfirmed"};
  std::string why;
  for (const recommend::Reason& reason : recommendation.reasons) {
    if (!kHolding.contains(reason.code)) continue;
    why += (why.empty() ? "" : "; ") + reason.message;
  }
  return why.empty() ? "the recommendation says why" : why;
}

bool Differs(const kube::Container& container, const fleet::Advice& advice,
             const rollout::Rules& rules) {
  const auto& [requests, limits] = container.resources;
  const auto differs = [&](bool ours, auto has, auto wants, auto worth_it) {
    return ours && wants && (!has || worth_it(*has, *wants, rules));
  };
  return differs(advice.limit_is_ours, limits.memory, advice.recommendation.limit,
                 rollout::LimitWorthIt) ||
         differs(advice.request_is_ours, requests.memory, advice.recommendation.request,
                 rollout::RequestWorthIt);
}

}  // namespace

rollout::WorkloadState StateOf(const fleet::Workload& workload,
                               const std::set<TunesUnderWay::Place>& tuning, TimePoint now) {
  rollout::WorkloadState state;
  for (const auto& [uid, entry] : workload.pods) {
    const kube::Pod& pod = *entry.pod;
    if (pod.meta.deleted || pod.node.empty()) continue;
    rollout::PodState out{.uid = uid,
                          .name = pod.meta.name.str(),
                          .guaranteed = pod.qos == kube::QosClass::kGuaranteed,
                          .ready = pod.ready};
    out.pod_oom = entry.pod_oom;
    ReadResize(pod, out);
    for (const kube::Container& container : pod.containers) {
      if (!container.ResizesInPlace()) {
        AddOther(container, out);
        continue;
      }
      rollout::ContainerState& seen =
          out.containers.emplace_back(ContainerStateOf(container, entry, now));
      seen.tuning = tuning.contains({uid, seen.name});
    }
    state.pods.push_back(std::move(out));
  }
  for (const auto& [container, kills] : workload.kills) {
    if (kills.last_at_limit) state.last_oom[container] = *kills.last_at_limit;
  }
  return state;
}

rollout::Plan PlanOf(const fleet::Workload& workload, rollout::Capability capability,
                     TimePoint now) {
  rollout::Plan plan{.capability = capability,
                     .closed = ClosedNow(workload.permission.windows, now)};
  const fleet::Permission& permission = workload.permission;
  rollout::Rules& rules = plan.rules;
  if (permission.min_change_percent) {
    rules.min_change = Ratio(*permission.min_change_percent / 100.0);
    rules.min_request_change = rules.min_change;
  }
  if (permission.min_change_bytes) rules.min_change_bytes = *permission.min_change_bytes;
  if (permission.max_step_down_percent) {
    rules.max_step_down = Ratio(*permission.max_step_down_percent / 100.0);
  }
  if (permission.cooldown) {
    rules.cooldown = *permission.cooldown;
    // Even where cuts may follow each other at once, the first pod shows what one does.
    rules.bake = std::max<Duration>(*permission.cooldown, std::chrono::minutes(1));
  }
  std::set<std::string> resizable;
  for (const auto& [uid, entry] : workload.pods) {
    for (const kube::Container& container : entry.pod->containers) {
      if (container.ResizesInPlace()) resizable.insert(container.name.str());
    }
  }
  static constexpr std::optional<Bytes> kTheirs{};
  for (const auto& [name, advice] : workload.advice) {
    const recommend::Recommendation& recommendation = advice.recommendation;
    if (advice.excluded || !resizable.contains(name)) continue;
    if (!recommendation.request && !recommendation.limit) continue;
    plan.targets.push_back({.container = name,
                            .request = advice.request_is_ours ? recommendation.request : kTheirs,
                            .limit = advice.limit_is_ours ? recommendation.limit : kTheirs,
                            .may_shrink = recommendation.may_shrink,
                            .why_not_shrink = WhyNotShrink(recommendation),
                            .settings = recommendation.settings,
                            .knows_runtime = advice.knows_runtime,
                            .max_allowed = advice.max_allowed});
  }
  return plan;
}

std::vector<std::string> NotInPlace(const fleet::Workload& workload, const rollout::Rules& rules) {
  std::set<std::string> names;
  for (const auto& [uid, entry] : workload.pods) {
    for (const kube::Container& container : entry.pod->containers) {
      const auto advice = workload.advice.find(container.name.str());
      if (advice == workload.advice.end() || advice->second.excluded) continue;
      if (!container.ResizesInPlace() && Differs(container, advice->second, rules)) {
        names.insert(advice->first);
      }
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace plimsoll::autopatch
