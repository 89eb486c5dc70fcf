// SPDX-License-Identifier: Apache-2.0
#include "advisor/rollout/refusal.h"

#include <algorithm>

namespace plimsoll::rollout {
namespace {

bool RequestWaits(const ContainerState& container) {
  return container.actual && container.spec.request &&
         container.actual->request.value_or(Bytes(0)) < *container.spec.request;
}

// What waits is just what we would ask for: ours from before a restart that came between the patch
// and the checkpoint (a raise is sent before it is written down, since a kill does not wait). The
// pod does not tell who else may have asked for the very same; for him as for us the node has no
// room, and it is asked again when the hold ends. What we asked for by an advice that has changed
// since is not known again.
bool IsAsWished(const PodState& pod, const ContainerState& container, const Wishes& wishes) {
  const auto wish = wishes.find(container.name);
  if (wish == wishes.end()) return false;
  if (pod.guaranteed) return wish->second.limit && wish->second.limit == container.spec.limit;
  return wish->second.request &&
         RequestBeside(container, pod.guaranteed, wish->second) == container.spec.request;
}

// The pod object still asks for what we wrote, and the request that waits is among it.
bool IsOurs(const PodState& pod, const Wishes& wishes, const PodProgress& progress) {
  bool ours = !progress.wrote.empty();
  for (const ContainerState& container : pod.containers) {
    const auto wrote = progress.wrote.find(container.name);
    if (wrote == progress.wrote.end()) {
      if (!RequestWaits(container)) continue;
      if (!IsAsWished(pod, container, wishes)) return false;
      ours = true;
      continue;
    }
    const auto& [request, limit] = wrote->second;
    if ((request || RequestWaits(container)) && request != container.spec.request) return false;
    if (limit && limit != container.spec.limit) return false;
  }
  return ours;
}

bool IsCutUnderWay(const PodState& pod) {
  for (const ContainerState& container : pod.containers) {
    if (!container.running || !container.reading || !container.spec.limit) continue;
    if (container.reading->limit && *container.spec.limit < *container.reading->limit) return true;
  }
  return false;
}

// What is in force: the kernel's limit where the agent saw it, else the kubelet's word.
std::optional<Bytes> LimitInForce(const ContainerState& container) {
  if (Actuated(container)) return container.spec.limit;
  if (container.reading && container.reading->limit) return container.reading->limit;
  return container.actual ? container.actual->limit : std::nullopt;
}

// A larger limit that could be in force at once, were it not for the request beside it.
bool LimitIsHeldBack(const PodState& pod) {
  if (pod.guaranteed) return false;
  return std::ranges::any_of(pod.containers, [](const ContainerState& container) {
    const std::optional<Bytes> limit = LimitInForce(container);
    return limit && container.spec.limit && *container.spec.limit > *limit;
  });
}

std::optional<ContainerResize> TakenBack(const PodState& pod, const ContainerState& container) {
  ContainerResize back{.container = container.name,
                       .from_request = container.spec.request,
                       .from_limit = container.spec.limit};
  if (container.actual && container.actual->request != container.spec.request) {
    back.request = container.actual->request;
  }
  const std::optional<Bytes> limit = LimitInForce(container);
  const bool raised_limit = limit && container.spec.limit && *container.spec.limit > *limit;
  const bool keep = raised_limit && back.request && !pod.guaranteed;
  if (limit != container.spec.limit && limit && !keep) back.limit = limit;
  if (!back.request && !back.limit) return std::nullopt;
  return back;
}

// A kill asks for more than is in force.
bool KillWantsLimit(const PodState& pod, const Wishes& wishes) {
  return std::ranges::any_of(pod.containers, [&](const ContainerState& container) {
    const auto wish = wishes.find(container.name);
    const std::optional<Bytes> limit = LimitInForce(container);
    return wish != wishes.end() && wish->second.urgent && limit && wish->second.limit > limit;
  });
}

// The requests that wait, whoever asked for them, back to what the node gives; nothing where one of
// them is not ours to write.
std::vector<ContainerResize> WaitingRequests(const PodState& pod, const Wishes& wishes) {
  std::vector<ContainerResize> back;
  for (const ContainerState& container : pod.containers) {
    if (!RequestWaits(container)) continue;
    const auto wish = wishes.find(container.name);
    if (wish == wishes.end() || !wish->second.request || !container.actual->request) return {};
    back.push_back({.container = container.name,
                    .request = container.actual->request,
                    .from_request = container.spec.request,
                    .from_limit = container.spec.limit});
  }
  return back;
}

std::string Sentence(const PodState& pod, const char* what) {
  std::string text = "the resize of pod " + pod.name + " " + what;
  if (!pod.resize_message.empty()) text += ": " + pod.resize_message;
  return text;
}

}  // namespace

RefusalAdvice Refusal(const PodState& pod, const Wishes& wishes, const Rules& rules,
                      const PodProgress& progress, TimePoint now) {
  RefusalAdvice advice;
  const bool cut_under_way = pod.resize == ResizeStatus::kInProgress && IsCutUnderWay(pod);
  const bool refused = pod.resize == ResizeStatus::kDeferred ||
                       pod.resize == ResizeStatus::kInfeasible || cut_under_way;
  if (!refused) return advice;

  if (pod.resize == ResizeStatus::kInfeasible) {
    advice.reason = {"ResizeInfeasible", Sentence(pod, "does not fit its node")};
  } else if (pod.resize == ResizeStatus::kDeferred) {
    advice.reason = {"ResizeDeferred", Sentence(pod, "waits for room on its node")};
  } else {
    advice.reason = {"WaitingForUsage", Sentence(pod, "waits for usage to fall")};
  }
  Step step{.kind = StepKind::kResize,
            .intent = Intent::kRevert,
            .urgent = true,
            .pod_uid = pod.uid,
            .pod_name = pod.name};
  if (!IsOurs(pod, wishes, progress)) {
    if (cut_under_way || pod.guaranteed || !KillWantsLimit(pod, wishes)) return advice;
    step.resizes = WaitingRequests(pod, wishes);
    if (step.resizes.empty()) return advice;
    advice.reason.message +=
        "; Plimsoll did not ask for it, but takes it back: after a kill the limit has to be raised";
    step.reason = advice.reason;
    advice.step = std::move(step);
    return advice;
  }

  const TimePoint since = pod.resize_since.value_or(progress.patched.value_or(now));
  const Duration waited = now - since;
  const bool at_once = pod.resize == ResizeStatus::kInfeasible ||
                       (pod.resize == ResizeStatus::kDeferred && LimitIsHeldBack(pod));
  if (!at_once && waited < rules.deferred_patience) {
    advice.look_again = rules.deferred_patience - waited;
    return advice;
  }
  step.reason = advice.reason;
  for (const ContainerState& container : pod.containers) {
    if (auto back = TakenBack(pod, container)) step.resizes.push_back(*back);
  }
  if (!step.resizes.empty()) advice.step = std::move(step);
  return advice;
}

}  // namespace plimsoll::rollout
