// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/recommendation/conditions.h"

#include <fmt/format.h>

#include <algorithm>

#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/api/text.h"

namespace plimsoll::recommendation {
namespace {

using api::Condition;
using api::ConditionStatus;

Condition Make(std::string_view type, bool holds, std::string_view reason, std::string message) {
  return {.type = std::string(type),
          .status = holds ? ConditionStatus::kTrue : ConditionStatus::kFalse,
          .reason = std::string(reason),
          .message = std::move(message)};
}

Condition TargetResolved(const ConditionInputs& in) {
  const auto& key = in.workload.key;
  const std::string found =
      fmt::format("{} {}, {}", key.kind, key.name,
                  api::Counted(static_cast<std::int64_t>(in.workload.pods.size()), "pod"));
  const std::string& problem = in.workload.identity.labels_problem;
  if (!problem.empty()) {
    return Make(api::condition::kTargetResolved, true, api::reason::kOwnerUnreadable,
                found + "; labels and annotations are taken from its pods: " + problem);
  }
  return Make(api::condition::kTargetResolved, true, api::reason::kFound, found);
}

// What the agents of this workload's nodes cannot show, as one sentence; empty when nothing lacks.
std::string Lacking(const ConditionInputs& in) {
  std::vector<std::string> missing;
  for (const auto& [uid, entry] : in.workload.pods) {
    const auto node = in.nodes.find(entry.pod->node.str());
    if (node == in.nodes.end()) continue;
    for (const std::string& code : node->second.missing) {
      if (std::ranges::find(missing, code) == missing.end()) missing.push_back(code);
    }
  }
  if (missing.empty()) return {};
  std::ranges::sort(missing);
  return fmt::format("; not visible on these nodes: {}", fmt::join(missing, ", "));
}

// Which apps' own statistics cannot be had or used for tuning, and why; empty when there are none.
std::string AppProblems(const ConditionInputs& in) {
  std::string problems;
  for (const auto& [name, facts] : in.facts) {
    if (!facts.runtime_problem.empty()) {
      problems += fmt::format("; app statistics: {}: {}", name, facts.runtime_problem);
    } else if (facts.runtime_read_only) {
      problems += fmt::format(
          "; app statistics: {}: they come over TCP, where nothing can be set: the runtime's "
          "settings are advice; for auto-patch to set them the app has to serve a socket",
          name);
    }
  }
  return problems;
}

Condition TelemetryHealthy(const ConditionInputs& in) {
  int running = 0;
  int reporting = 0;
  for (const auto& [name, facts] : in.facts) {
    if (facts.kind == kube::ContainerKind::kInit) continue;
    running += facts.pods_running;
    reporting += std::min(facts.pods_reporting, facts.pods_running);
  }
  const auto type = api::condition::kTelemetryHealthy;
  const std::string count =
      fmt::format("{} of {}", reporting, api::Counted(running, "running container"));
  if (running == 0) {
    return Make(
        type, false, api::reason::kNoContainerRuns,
        fmt::format("{}, and no container of this workload runs now",
                    api::Counted(static_cast<std::int64_t>(in.workload.pods.size()), "pod")));
  }
  if (reporting == running) {
    return Make(type, true, api::reason::kAllPodsReporting,
                count + " reported within a minute" + Lacking(in) + AppProblems(in));
  }
  for (const auto& [uid, entry] : in.workload.pods) {
    const std::string node = entry.pod->node.str();
    const auto state = in.nodes.find(node);
    if (state == in.nodes.end()) {
      return Make(type, false, api::reason::kNoAgent,
                  fmt::format("{}; node {} has no agent: look at the plimsoll-agent DaemonSet; "
                              "kills there are known from pod status only",
                              count, node));
    }
    if (!state->second.connected) {
      return Make(type, false, api::reason::kTelemetryStale,
                  fmt::format("{}; the agent of node {} is not connected: {}", count, node,
                              state->second.problem));
    }
    if (const std::string refused = entry.Refused(); !refused.empty()) {
      return Make(type, false, api::reason::kSomePodsSilent,
                  fmt::format("{} reported within a minute; {}", count, refused));
    }
  }
  return Make(type, false, api::reason::kSomePodsSilent, count + " reported within a minute");
}

Condition RecommendationProvided(const ConditionInputs& in) {
  const auto type = api::condition::kRecommendationProvided;
  int with = 0;
  int open = 0;
  double confidence = 1;
  for (const auto& [name, advice] : in.advice) {
    if (advice.excluded) continue;
    const auto& recommendation = advice.recommendation;
    const bool given = recommendation.limit || recommendation.request;
    // An init container that ended between two readings is never observed: nothing is open.
    const auto facts = in.facts.find(name);
    const bool awaited =
        facts == in.facts.end() || facts->second.kind != kube::ContainerKind::kInit;
    if (!given && !awaited) continue;
    with += given ? 1 : 0;
    open += given ? 0 : 1;
    if (given) confidence = std::min(confidence, recommendation.confidence.value());
  }
  if (with == 0 && open == 0) {
    return Make(type, false, api::reason::kExcluded,
                fmt::format("every container is excluded: by the annotation {}, by "
                            "settings.excludeContainers, or by controlled: None in a policy",
                            api::kExcludeContainersAnnotation));
  }
  if (with == 0) {
    return Make(type, false, api::reason::kInsufficientData,
                "nothing has been observed of this workload yet");
  }
  return Make(type, true, api::reason::kEnoughData,
              fmt::format("advice for {} of {}, confidence {:.0f} %", with,
                          api::Counted(with + open, "container"), confidence * 100));
}

Condition Applied(const ConditionInputs& in) {
  const auto type = api::condition::kApplied;
  if (in.policy.effective.mode != api::Mode::kAutoPatch) {
    if (in.policy.mode_note) {
      return Make(type, false, in.policy.mode_note->code, in.policy.mode_note->message);
    }
    return Make(type, false, api::reason::kModeRecommend,
                "advice only; to apply it: kubectl label ns " + in.workload.key.ns +
                    " plimsoll.dev/mode=auto-patch");
  }
  if (in.workload.permission.forbidden) {
    return Make(type, false, in.workload.permission.forbidden->code,
                in.workload.permission.forbidden->message);
  }
  const fleet::Carried& carried = in.workload.carried;
  if (carried.reason.code.empty()) {
    return Make(type, false, api::reason::kPending, "not looked at yet");
  }
  return Make(type, carried.settled, carried.reason.code, carried.reason.message);
}

Condition Guarded(const ConditionInputs& in) {
  return Make(
      api::condition::kGuarded, in.guarded,
      in.guarded ? api::reason::kGuardActive : api::reason::kGuardInactive,
      in.guarded ? "limits are raised before the kill, within a second of need" : in.guard_problem);
}

Condition HistoryKept(const ConditionInputs& in) {
  const auto type = api::condition::kHistoryKept;
  const auto& unkept = in.workload.unkept;
  if (unkept) {
    return Make(type, unkept->code == api::reason::kCheckpointCurrent, unkept->code,
                unkept->message);
  }
  return Make(type, true, api::reason::kCheckpointCurrent,
              "what is learned survives a restart of the operator");
}

Condition Ready(const std::vector<Condition>& conditions) {
  for (const auto type : {api::condition::kTargetResolved, api::condition::kRecommendationProvided,
                          api::condition::kTelemetryHealthy}) {
    const Condition* part = api::FindCondition(conditions, type);
    if (part->status != ConditionStatus::kTrue) {
      return Make(api::condition::kReady, false, part->reason, part->message);
    }
  }
  return Make(api::condition::kReady, true, api::reason::kRecommendationCurrent,
              "the recommendation is current");
}

}  // namespace

std::vector<Condition> ConditionsWithoutPods(const model::WorkloadKey& key,
                                             std::vector<Condition> previous, TimePoint now) {
  for (const auto type :
       {api::condition::kReady, api::condition::kTargetResolved, api::condition::kTelemetryHealthy,
        api::condition::kApplied, api::condition::kGuarded}) {
    api::SetCondition(previous,
                      Make(type, false, api::reason::kNoPods,
                           fmt::format("{} {} has no pods now; the advice is from when it had some",
                                       key.kind, key.name)),
                      now);
  }
  return previous;
}

std::vector<Condition> ConditionsOf(const ConditionInputs& inputs, std::vector<Condition> previous,
                                    TimePoint now) {
  std::vector<Condition> parts{
      TargetResolved(inputs), TelemetryHealthy(inputs), RecommendationProvided(inputs),
      Applied(inputs),        Guarded(inputs),          HistoryKept(inputs)};
  parts.insert(parts.begin(), Ready(parts));
  for (Condition& part : parts) api::SetCondition(previous, std::move(part), now);
  return previous;
}

}  // namespace plimsoll::recommendation
