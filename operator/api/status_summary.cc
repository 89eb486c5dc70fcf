// SPDX-License-Identifier: Apache-2.0
#include "operator/api/status_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "operator/api/amount.h"
#include "operator/api/json_writer.h"
#include "operator/api/recommendation_words.h"

namespace plimsoll::api {
namespace {

using recommend::Verdict;

// The way the setting's own runtime writes it: GOMEMLIMIT=460MiB, GOGC=100, GOGC=off.
std::string SettingText(const recommend::Setting& setting, double value) {
  if (setting.unit == "bytes") return fmt::format("{:.0f}MiB", std::floor(value / 1048576));
  if (setting.name == "GOGC" && value < 0) return "off";
  return fmt::format("{:.0f}", value);
}

RuntimeSetting SettingFor(const recommend::Setting& setting) {
  RuntimeSetting shown{.name = setting.name,
                       .delivery = setting.delivery,
                       .current = std::nullopt,
                       .recommended = SettingText(setting, setting.recommended)};
  if (setting.current) shown.current = SettingText(setting, *setting.current);
  return shown;
}

// "512Mi->624Mi", or one of them when they are the same. No spaces: columns stay columns.
std::string Change(const std::string& from, const std::string& to) {
  return from == to ? from : fmt::format("{}->{}", from, to);
}

// One container in its pod, with the amounts that it has and would have. Advice without a target
// leaves what is set.
struct Placed {
  const ContainerAdvice* advice = nullptr;
  kube::ContainerKind kind = kube::ContainerKind::kApp;

  bool RunsToItsEnd() const { return kind == kube::ContainerKind::kInit; }
  MemoryAmounts Before() const { return advice->current; }
  MemoryAmounts After() const {
    return {.request = advice->target.request ? advice->target.request : advice->current.request,
            .limit = advice->target.limit ? advice->target.limit : advice->current.limit};
  }
};

// In the pod's own order, in which sidecars and init containers start; what it does not name first.
std::vector<Placed> InPodOrder(const std::vector<ContainerAdvice>& containers,
                               std::span<const kube::Container> pod) {
  std::vector<Placed> placed;
  for (const ContainerAdvice& advice : containers) {
    const bool named = std::ranges::any_of(
        pod, [&](const kube::Container& container) { return container.name == advice.name; });
    if (!named) placed.push_back({.advice = &advice});
  }
  for (const kube::Container& container : pod) {
    const auto advice = std::ranges::find(containers, container.name.str(), &ContainerAdvice::name);
    if (advice != containers.end()) placed.push_back({.advice = &*advice, .kind = container.kind});
  }
  return placed;
}

using Side = MemoryAmounts (Placed::*)() const;

// As the scheduler counts it: all that run together, or the largest init container with the
// sidecars that were started before it. An app of 64Mi and a sidecar of 32Mi after an init
// container of 512Mi: max(64 + 32, 512) = 512Mi. Absent when no container sets one.
std::optional<Bytes> PodRequest(const std::vector<Placed>& containers, Side side) {
  bool set = false;
  Bytes together{};
  Bytes sidecars{};
  Bytes starting{};
  for (const Placed& container : containers) {
    const std::optional<Bytes> request = (container.*side)().request;
    if (!request) continue;
    set = true;
    if (container.RunsToItsEnd()) {
      starting = std::max(starting, sidecars + *request);
      continue;
    }
    together += *request;
    if (container.kind == kube::ContainerKind::kSidecar) sidecars += *request;
  }
  if (!set) return std::nullopt;
  return std::max(together, starting);
}

// What the containers that run together may take. Absent as soon as one of them has no limit.
std::optional<Bytes> PodLimit(const std::vector<Placed>& containers, Side side) {
  std::optional<Bytes> sum;
  for (const Placed& container : containers) {
    if (container.RunsToItsEnd()) continue;
    const std::optional<Bytes> limit = (container.*side)().limit;
    if (!limit) return std::nullopt;
    sum = sum.value_or(Bytes(0)) + *limit;
  }
  return sum;
}

std::string Shown(std::optional<Bytes> total) { return total ? FormatAmount(*total) : "none"; }

Verdict Overall(const std::vector<ContainerAdvice>& containers) {
  for (const Verdict verdict :
       {Verdict::kUnderProvisioned, Verdict::kOverProvisioned, Verdict::kRightSized}) {
    if (std::ranges::find(containers, verdict, &ContainerAdvice::verdict) != containers.end()) {
      return verdict;
    }
  }
  return Verdict::kInsufficientData;
}

// Follows the verdict on what is set now. Too little is medium, and critical once it kills; waste
// is medium from half of the request on: 512Mi of 1Gi is, 300Mi of 1Gi is low. Kills of the last
// day under numbers that have since been put right leave a mark, low, and no alarm.
Severity SeverityOf(const RecommendationSummary& summary, Bytes from, Bytes to) {
  const bool killed = summary.oom_kills_last_24h.value_or(0) > 0;
  switch (summary.verdict) {
    case Verdict::kUnderProvisioned:
      return killed ? Severity::kCritical : Severity::kMedium;
    case Verdict::kOverProvisioned:
      return from > Bytes(0) && to.AsDouble() <= from.AsDouble() / 2 ? Severity::kMedium
                                                                     : Severity::kLow;
    case Verdict::kRightSized:
      return killed ? Severity::kLow : Severity::kNone;
    case Verdict::kInsufficientData:
      return killed ? Severity::kCritical : Severity::kNone;
  }
  return Severity::kNone;
}

// "GOMEMLIMIT 460MiB->666MiB", of the first container that has one; the rest is in the details.
std::string GcText(const std::vector<ContainerAdvice>& containers) {
  for (const ContainerAdvice& container : containers) {
    if (!container.runtime || container.runtime->settings.empty()) continue;
    const RuntimeSetting& setting = container.runtime->settings.front();
    return fmt::format("{} {}", setting.name,
                       setting.current ? Change(*setting.current, setting.recommended)
                                       : "unset->" + setting.recommended);
  }
  return "";
}

std::string RuntimeText(const std::vector<ContainerAdvice>& containers) {
  for (const ContainerAdvice& container : containers) {
    if (container.runtime && container.runtime->kind != model::RuntimeKind::kUnknown) {
      return Spell<model::RuntimeKind>(kRuntimeKinds, container.runtime->kind);
    }
  }
  return "";
}

// An init container that ends between two readings is never observed; that says nothing of the
// advice for the others.
std::int32_t LowestConfidence(const std::vector<Placed>& containers) {
  std::optional<std::int32_t> lowest;
  for (const Placed& container : containers) {
    if (container.RunsToItsEnd() && !container.advice->observed.last_sample) continue;
    const std::int32_t confidence = container.advice->confidence_percent;
    lowest = std::min(lowest.value_or(confidence), confidence);
  }
  return lowest.value_or(0);
}

}  // namespace

ContainerAdvice AdviceFor(const std::string& container, const model::CurrentResources& current,
                          const recommend::Recommendation& recommendation,
                          const model::RuntimeStats* runtime) {
  ContainerAdvice advice;
  advice.name = container;
  advice.verdict = recommendation.verdict;
  const double percent = std::floor(recommendation.confidence.value() * 100);
  advice.confidence_percent = static_cast<std::int32_t>(std::clamp(percent, 0.0, 100.0));
  advice.current = {.request = current.request, .limit = current.limit};
  advice.target = {.request = recommendation.request, .limit = recommendation.limit};
  advice.uncapped_target = {.request = recommendation.uncapped_request,
                            .limit = recommendation.uncapped_limit};
  if (recommendation.limit) advice.guarded = recommendation.guarded;
  if (runtime != nullptr || !recommendation.settings.empty()) {
    RuntimeReport& report = advice.runtime.emplace();
    if (runtime != nullptr) {
      report.kind = runtime->kind;
      report.version = runtime->version;
      report.live_set = runtime->live;
    }
    for (const recommend::Setting& setting : recommendation.settings) {
      report.settings.push_back(SettingFor(setting));
    }
  }
  for (const recommend::Reason& reason : recommendation.reasons) {
    advice.reasons.push_back({.code = reason.code, .message = reason.message});
  }
  advice.explanation = ExplanationLines(recommendation.explanation);
  return advice;
}

RecommendationSummary Summarize(const std::vector<ContainerAdvice>& containers,
                                std::span<const kube::Container> pod, std::int32_t replicas) {
  const std::vector<Placed> placed = InPodOrder(containers, pod);
  RecommendationSummary summary;
  for (const ContainerAdvice& container : containers) {
    if (container.oom) {
      summary.oom_kills_last_24h =
          summary.oom_kills_last_24h.value_or(0) + container.oom->kills_last_24h;
    }
  }
  summary.verdict = Overall(containers);
  summary.replicas = replicas;
  summary.confidence_percent = LowestConfidence(placed);
  const std::optional<Bytes> before = PodRequest(placed, &Placed::Before);
  const std::optional<Bytes> after = PodRequest(placed, &Placed::After);
  summary.request = Change(Shown(before), Shown(after));
  summary.limit =
      Change(Shown(PodLimit(placed, &Placed::Before)), Shown(PodLimit(placed, &Placed::After)));
  const Bytes from = before.value_or(Bytes(0));
  const Bytes to = after.value_or(Bytes(0));
  if (summary.verdict != Verdict::kInsufficientData) {
    summary.request_change_total = (to - from) * Ratio(static_cast<double>(replicas));
  }
  summary.severity = SeverityOf(summary, from, to);
  summary.runtime = RuntimeText(containers);
  summary.gc = GcText(containers);
  return summary;
}

}  // namespace plimsoll::api
