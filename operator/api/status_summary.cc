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

// A pod's amount before and after the advice. `open` amounts are those a container does not set.
struct PodTotal {
  Bytes from{};
  Bytes to{};
  std::size_t from_open = 0;
  std::size_t to_open = 0;

  void Add(std::optional<Bytes> current, std::optional<Bytes> target) {
    if (!target) target = current;
    if (current) from += *current;
    if (target) to += *target;
    from_open += current ? 0 : 1;
    to_open += target ? 0 : 1;
  }
};

std::string Shown(Bytes total, bool none) { return none ? "none" : FormatAmount(total); }

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
Severity SeverityOf(const RecommendationSummary& summary, const PodTotal& request) {
  const bool killed = summary.oom_kills_last_24h.value_or(0) > 0;
  switch (summary.verdict) {
    case Verdict::kUnderProvisioned:
      return killed ? Severity::kCritical : Severity::kMedium;
    case Verdict::kOverProvisioned:
      return request.from > Bytes(0) && request.to.AsDouble() <= request.from.AsDouble() / 2
                 ? Severity::kMedium
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

std::int32_t LowestConfidence(const std::vector<ContainerAdvice>& containers) {
  std::int32_t lowest = containers.empty() ? 0 : 100;
  for (const ContainerAdvice& container : containers) {
    lowest = std::min(lowest, container.confidence_percent);
  }
  return lowest;
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
                                std::int32_t replicas) {
  PodTotal request;
  PodTotal limit;
  RecommendationSummary summary;
  for (const ContainerAdvice& container : containers) {
    request.Add(container.current.request, container.target.request);
    limit.Add(container.current.limit, container.target.limit);
    if (container.oom) {
      summary.oom_kills_last_24h =
          summary.oom_kills_last_24h.value_or(0) + container.oom->kills_last_24h;
    }
  }
  summary.verdict = Overall(containers);
  summary.replicas = replicas;
  summary.confidence_percent = LowestConfidence(containers);
  // A pod requests the sum of what is set, but its limit is open as soon as one container's is.
  summary.request = Change(Shown(request.from, request.from_open == containers.size()),
                           Shown(request.to, request.to_open == containers.size()));
  summary.limit =
      Change(Shown(limit.from, limit.from_open > 0), Shown(limit.to, limit.to_open > 0));
  if (summary.verdict != Verdict::kInsufficientData) {
    const Bytes change = request.to - request.from;
    summary.request_change_total = change * Ratio(static_cast<double>(replicas));
  }
  summary.severity = SeverityOf(summary, request);
  summary.runtime = RuntimeText(containers);
  summary.gc = GcText(containers);
  return summary;
}

}  // namespace plimsoll::api
