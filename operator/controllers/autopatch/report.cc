// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "operator/api/reasons.h"
#include "operator/api/text.h"
#include "operator/kube/quantity.h"

namespace plimsoll::autopatch {
namespace {

using rollout::Intent;

std::string Change(std::string_view what, std::optional<Bytes> from, std::optional<Bytes> to) {
  if (!to) return {};
  return fmt::format(" {} {}->{}", what, from ? kube::FormatBytes(*from) : "none",
                     kube::FormatBytes(*to));
}

bool Contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string_view EventReason(const rollout::Step& step) {
  if (step.before_kill) return api::event::kRaised;
  switch (step.intent) {
    case Intent::kTune:
      return api::event::kRuntimeTuned;
    case Intent::kRevert:
      return api::event::kPatchSkipped;
    case Intent::kRollback:
      return api::event::kPatchRolledBack;
    case Intent::kGrow:
    case Intent::kShrink:
    case Intent::kHeal:
      return api::event::kPatched;
  }
  return "";
}

}  // namespace

std::string Describe(const rollout::Step& step) {
  std::string text;
  for (const rollout::ContainerResize& resize : step.resizes) {
    if (!text.empty()) text += ", ";
    text += resize.container + Change("limit", resize.from_limit, resize.limit) +
            Change("request", resize.from_request, resize.request);
  }
  if (step.kind == rollout::StepKind::kTune) {
    text = step.container;
    for (const rollout::SettingValue& setting : step.settings) {
      // Settings of a megabyte and more are memory; the others are percentages and counts.
      text += setting.number >= 1048576
                  ? fmt::format(" {}={:.0f}MiB", setting.name, setting.number / 1048576)
                  : fmt::format(" {}={:.0f}", setting.name, setting.number);
    }
  }
  return text;
}

std::string_view IntentName(Intent intent) {
  switch (intent) {
    case Intent::kGrow:
      return "Grow";
    case Intent::kShrink:
      return "Shrink";
    case Intent::kHeal:
      return "Heal";
    case Intent::kRevert:
      return "Revert";
    case Intent::kRollback:
      return "Rollback";
    case Intent::kTune:
      return "Tune";
  }
  return "";
}

kube::Event EventOf(const model::WorkloadKey& key, const fleet::Identity& identity,
                    const rollout::Step& step, const Status& done) {
  const bool good = done && step.intent != Intent::kRollback;
  const std::string what = fmt::format("pod {}: {}{}", step.pod_name, Describe(step),
                                       done && step.before_kill ? " before it was killed" : "");
  return {.regarding = {.api_version = identity.api_version,
                        .kind = key.kind,
                        .ns = key.ns,
                        .name = key.name,
                        .uid = identity.uid},
          .type = good ? kube::EventType::kNormal : kube::EventType::kWarning,
          .reason = std::string(done ? EventReason(step) : api::event::kPatchFailed),
          .action = std::string(step.kind == rollout::StepKind::kTune ? "Tune" : "Resize"),
          .note = done ? fmt::format("{}; {}", what, step.reason.message)
                       : fmt::format("{} was refused: {}", what, done.error().message())};
}

api::LastPatch PatchOf(const rollout::Step& step, const Status& done, TimePoint now) {
  api::LastPatch patch;
  patch.time = now;
  patch.reason = step.before_kill ? api::event::kRaised : IntentName(step.intent);
  if (done) {
    patch.message = fmt::format("pod {}: {}", step.pod_name, Describe(step));
    patch.result = step.intent == Intent::kRollback ? api::PatchResult::kRolledBack
                                                    : api::PatchResult::kInProgress;
  } else {
    patch.message = done.error().message();
    patch.result = api::PatchResult::kFailed;
  }
  if (!step.resizes.empty()) {
    const rollout::ContainerResize& first = step.resizes.front();
    patch.container = first.container;
    patch.from = {first.from_request, first.from_limit};
    patch.to = {first.request ? first.request : first.from_request,
                first.limit ? first.limit : first.from_limit};
  }
  return patch;
}

recommend::Reason Settled(const rollout::WorkloadState& state) {
  return {
      std::string(api::reason::kAllPodsAtTarget),
      fmt::format("{} where the advice wants it, as the kernel has it; the template keeps its "
                  "own values (changing templates and admitting pods with the new values are not "
                  "there yet), new pods are resized as soon as they run",
                  api::Counted(static_cast<std::int64_t>(state.pods.size()), "pod"))};
}

recommend::Reason LeftToTemplate(const std::vector<std::string>& not_in_place) {
  return {
      std::string(api::reason::kNotInPlace),
      fmt::format("not changed in a running pod: {} (init containers, and where resizePolicy of "
                  "memory is RestartContainer); set the advised numbers in the workload's "
                  "template",
                  fmt::join(not_in_place, ", "))};
}

recommend::Reason NoAdvice() {
  return {std::string(api::reason::kInsufficientData),
          "no container has advice yet, or the policy leaves all of them out"};
}

recommend::Reason ServerNotKnown(const std::string& problem) {
  return {std::string(api::reason::kPending),
          "the API server has not told yet whether it resizes running pods; it is asked again" +
              (problem.empty() ? std::string() : ": " + problem)};
}

recommend::Reason HeldBack() {
  return {std::string(api::reason::kRolloutInProgress),
          "its turn comes: the operator resizes only so many pods a second (--patches-per-second)"};
}

recommend::Reason WhyRefused(const Error& error) {
  const std::string& text = error.message();
  if (Contains(text, "exceeded quota")) {
    return {std::string(api::reason::kQuotaExceeded), text};
  }
  // "maximum memory usage per Pod is 1Gi, but limit is 2Gi": a LimitRange does not give its name.
  if (Contains(text, "LimitRange") || Contains(text, " per Container") ||
      Contains(text, " per Pod")) {
    return {std::string(api::reason::kLimitRangeConflict), text};
  }
  if (Contains(text, "cannot patch resource")) {
    return {std::string(api::reason::kNotPermitted),
            text + "; with settings.maxMode=recommend the chart gives no right to patch pods"};
  }
  // Not by a role: whoever else guards the door says so in words of its own. 401 is about us.
  if (Contains(text, "denied the request") || Contains(text, "denied request") ||
      (error.code() == ErrorCode::kForbidden && !Contains(text, ": 401"))) {
    return {std::string(api::reason::kAdmissionDenied),
            text +
                "; let the operator's account change pods/resize there, or set the workload's "
                "mode to recommend"};
  }
  if (error.code() == ErrorCode::kForbidden) {
    return {std::string(api::reason::kNotPermitted), text};
  }
  if (error.code() == ErrorCode::kInvalid) {
    return {std::string(api::reason::kResizeInfeasible), text};
  }
  return {std::string(api::reason::kResizeInProgress), text};
}

}  // namespace plimsoll::autopatch
