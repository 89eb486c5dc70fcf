// SPDX-License-Identifier: Apache-2.0
#include "operator/api/memory_recommendation.h"

#include <algorithm>
#include <array>

#include "operator/api/bounds.h"
#include "operator/api/json_reader.h"
#include "operator/api/json_writer.h"
#include "operator/api/names.h"
#include "operator/api/recommendation_words.h"
#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

using nlohmann::json;

// The schema's own bounds (crds/memoryrecommendations.yaml).
constexpr std::size_t kMaxSettings = 16;
constexpr std::size_t kMaxReasons = 32;
constexpr std::size_t kMaxLines = 48;
constexpr std::size_t kMaxLine = 256;
constexpr std::size_t kMaxMessage = 512;
constexpr std::size_t kMaxWord = 128;

// ---- reading ----

MemoryAmounts ReadAmounts(const JsonReader& reader) {
  return {.request = reader.Quantity("request"), .limit = reader.Quantity("limit")};
}

std::int32_t ReadSmall(const JsonReader& reader, std::string_view key, std::int32_t most) {
  return static_cast<std::int32_t>(reader.Integer(key, 0, most).value_or(0));
}

ObservedMemory ReadObserved(const JsonReader& reader) {
  return {.hard = reader.Quantity("hard"),
          .usage = reader.Quantity("usage"),
          .peak = reader.Quantity("peak"),
          .rise = reader.Quantity("rise"),
          .first_sample = reader.Time("firstSampleTime"),
          .last_sample = reader.Time("lastSampleTime")};
}

std::optional<OomSummary> ReadOom(const JsonReader& reader) {
  if (!reader.Present()) return std::nullopt;
  return OomSummary{.kills_last_24h = reader.Integer("killsLast24h", 0, INT64_MAX).value_or(0),
                    .last_kill = reader.Time("lastKillTime"),
                    .last_kind = reader.Choice<model::OomKind>("lastKind", kOomKinds),
                    .last_source = reader.Choice<KillSource>("lastSource", kKillSources),
                    .limit_at_kill = reader.Quantity("limitAtKill"),
                    .peak_at_kill = reader.Quantity("peakAtKill")};
}

std::optional<RuntimeReport> ReadRuntime(const JsonReader& reader) {
  if (!reader.Present()) return std::nullopt;
  RuntimeReport report;
  report.kind = reader.Choice<model::RuntimeKind>("type", kRuntimeKinds)
                    .value_or(model::RuntimeKind::kUnknown);
  report.version = reader.Text("version", kMaxWord);
  report.live_set = reader.Quantity("liveSet");
  if (const auto percent = reader.Integer("gcCpuPercent", 0, 100)) {
    report.gc_cpu_percent = static_cast<std::int32_t>(*percent);
  }
  for (const JsonReader& item : reader.ObjectList("settings", kMaxSettings)) {
    report.settings.push_back({.name = item.RequiredText("name", kMaxWord),
                               .delivery = item.Choice<recommend::Delivery>("delivery", kDeliveries)
                                               .value_or(recommend::Delivery::kAdvice),
                               .current = item.OptionalText("current", kMaxWord),
                               .recommended = item.Text("recommended", kMaxWord)});
  }
  return report;
}

ContainerAdvice ReadAdvice(const JsonReader& reader) {
  ContainerAdvice advice;
  advice.name = reader.RequiredText("name", 253);
  advice.verdict = reader.Choice<recommend::Verdict>("verdict", kVerdicts)
                       .value_or(recommend::Verdict::kInsufficientData);
  advice.confidence_percent = ReadSmall(reader, "confidencePercent", 100);
  advice.guarded = reader.Boolean("guarded");
  advice.current = ReadAmounts(reader.Object("current"));
  advice.target = ReadAmounts(reader.Object("target"));
  advice.uncapped_target = ReadAmounts(reader.Object("uncappedTarget"));
  advice.observed = ReadObserved(reader.Object("observed"));
  advice.oom = ReadOom(reader.Object("oom"));
  advice.runtime = ReadRuntime(reader.Object("runtime"));
  for (const JsonReader& item : reader.ObjectList("reasons", kMaxReasons)) {
    advice.reasons.push_back({.code = item.RequiredText("code", kMaxWord),
                              .message = item.Text("message", kMaxMessage)});
  }
  advice.explanation = reader.TextList("explanation", kMaxLines, kMaxLine);
  return advice;
}

RecommendationSummary ReadSummary(const JsonReader& reader) {
  return {.verdict = reader.Choice<recommend::Verdict>("verdict", kVerdicts)
                         .value_or(recommend::Verdict::kInsufficientData),
          .severity = reader.Choice<Severity>("severity", kSeverities).value_or(Severity::kNone),
          .request = reader.Text("request", kMaxWord),
          .limit = reader.Text("limit", kMaxWord),
          .request_change_total = reader.Quantity("requestChangeTotal"),
          .replicas = ReadSmall(reader, "replicas", INT32_MAX),
          .oom_kills_last_24h = reader.Integer("oomKillsLast24h", 0, INT64_MAX),
          .confidence_percent = ReadSmall(reader, "confidencePercent", 100),
          .runtime = reader.Text("runtime", kMaxWord),
          .gc = reader.Text("gc", kMaxLine)};
}

std::optional<LastPatch> ReadLastPatch(const JsonReader& reader) {
  if (!reader.Present()) return std::nullopt;
  return LastPatch{
      .time = reader.Time("time").value_or(TimePoint{}),
      .method = reader.Choice<PatchMethod>("method", kPatchMethods).value_or(PatchMethod::kInPlace),
      .result =
          reader.Choice<PatchResult>("result", kPatchResults).value_or(PatchResult::kInProgress),
      .container = reader.Text("container", 253),
      .reason = reader.Text("reason", kMaxWord),
      .message = reader.Text("message", kMaxMessage),
      .from = ReadAmounts(reader.Object("from")),
      .to = ReadAmounts(reader.Object("to"))};
}

MemoryRecommendationStatus ReadStatus(const JsonReader& reader) {
  MemoryRecommendationStatus status;
  status.observed_generation = reader.Integer("observedGeneration", 0, INT64_MAX).value_or(0);
  status.updated = reader.Time("updatedTime");
  const JsonReader policy = reader.Object("effectivePolicy");
  status.effective_policy = {
      .mode = policy.Choice<Mode>("mode", kModeFields).value_or(Mode::kRecommend),
      .mode_from = policy.Text("modeFrom", kMaxMessage),
      .policy_ref = policy.Object("policyRef").Text("name", 253)};
  status.summary = ReadSummary(reader.Object("summary"));
  for (const JsonReader& container : reader.ObjectList("containers", kMaxContainers)) {
    status.containers.push_back(ReadAdvice(container));
  }
  status.last_patch = ReadLastPatch(reader.Object("lastPatch"));
  status.conditions = ReadConditions(reader);
  return status;
}

// ---- writing ----

json WriteAmounts(const MemoryAmounts& amounts) {
  json object = json::object();
  PutQuantity(object, "request", amounts.request);
  PutQuantity(object, "limit", amounts.limit);
  return object;
}

json WriteObserved(const ObservedMemory& observed) {
  json object = json::object();
  PutObserved(object, "hard", observed.hard);
  PutObserved(object, "usage", observed.usage);
  PutObserved(object, "peak", observed.peak);
  PutObserved(object, "rise", observed.rise);
  Put(object, "firstSampleTime", observed.first_sample);
  Put(object, "lastSampleTime", observed.last_sample);
  return object;
}

json WriteOom(const OomSummary& oom) {
  json object = {{"killsLast24h", oom.kills_last_24h}};
  Put(object, "lastKillTime", oom.last_kill);
  if (oom.last_kind) object["lastKind"] = Spell<model::OomKind>(kOomKinds, *oom.last_kind);
  if (oom.last_source) object["lastSource"] = Spell<KillSource>(kKillSources, *oom.last_source);
  PutQuantity(object, "limitAtKill", oom.limit_at_kill);
  PutObserved(object, "peakAtKill", oom.peak_at_kill);
  return object;
}

json WriteRuntime(const RuntimeReport& report) {
  json object = {{"type", Spell<model::RuntimeKind>(kRuntimeKinds, report.kind)}};
  Put(object, "version", FitText(report.version, kMaxWord));
  PutObserved(object, "liveSet", report.live_set);
  PutNumber(object, "gcCpuPercent", report.gc_cpu_percent);
  json settings = json::array();
  for (const RuntimeSetting& setting : report.settings) {
    if (settings.size() == kMaxSettings) break;
    json item = {{"name", FitText(setting.name, kMaxWord)},
                 {"delivery", Spell<recommend::Delivery>(kDeliveries, setting.delivery)},
                 {"recommended", FitText(setting.recommended, kMaxWord)}};
    if (setting.current) item["current"] = FitText(*setting.current, kMaxWord);
    settings.push_back(std::move(item));
  }
  Put(object, "settings", std::move(settings));
  return object;
}

json WriteContainer(const ContainerAdvice& advice) {
  json object = {{"name", advice.name},
                 {"verdict", Spell<recommend::Verdict>(kVerdicts, advice.verdict)},
                 {"confidencePercent", advice.confidence_percent}};
  PutNumber(object, "guarded", advice.guarded);
  Put(object, "current", WriteAmounts(advice.current));
  Put(object, "target", WriteAmounts(advice.target));
  Put(object, "uncappedTarget", WriteAmounts(advice.uncapped_target));
  Put(object, "observed", WriteObserved(advice.observed));
  if (advice.oom) object["oom"] = WriteOom(*advice.oom);
  if (advice.runtime) object["runtime"] = WriteRuntime(*advice.runtime);
  json reasons = json::array();
  for (const ReasonText& reason : advice.reasons) {
    if (reasons.size() == kMaxReasons) break;
    reasons.push_back({{"code", FitText(reason.code, kMaxWord)},
                       {"message", FitText(reason.message, kMaxMessage)}});
  }
  Put(object, "reasons", std::move(reasons));
  json lines = json::array();
  for (const std::string& line : advice.explanation) {
    if (lines.size() == kMaxLines) break;
    lines.push_back(FitText(line, kMaxLine));
  }
  Put(object, "explanation", std::move(lines));
  return object;
}

json WriteSummary(const RecommendationSummary& summary) {
  json object = {{"verdict", Spell<recommend::Verdict>(kVerdicts, summary.verdict)},
                 {"severity", Spell<Severity>(kSeverities, summary.severity)},
                 {"replicas", summary.replicas},
                 {"confidencePercent", summary.confidence_percent}};
  Put(object, "request", FitText(summary.request, kMaxWord));
  Put(object, "limit", FitText(summary.limit, kMaxWord));
  PutQuantity(object, "requestChangeTotal", summary.request_change_total);
  PutNumber(object, "oomKillsLast24h", summary.oom_kills_last_24h);
  Put(object, "runtime", FitText(summary.runtime, kMaxWord));
  Put(object, "gc", FitText(summary.gc, kMaxLine));
  return object;
}

json WriteLastPatch(const LastPatch& patch) {
  json object = {{"time", FormatTime(patch.time)},
                 {"method", Spell<PatchMethod>(kPatchMethods, patch.method)},
                 {"result", Spell<PatchResult>(kPatchResults, patch.result)}};
  Put(object, "container", patch.container);
  Put(object, "reason", FitText(patch.reason, kMaxWord));
  Put(object, "message", FitText(patch.message, kMaxMessage));
  Put(object, "from", WriteAmounts(patch.from));
  Put(object, "to", WriteAmounts(patch.to));
  return object;
}

json WriteStatus(const MemoryRecommendationStatus& status) {
  json object = {{"summary", WriteSummary(status.summary)}};
  PutGeneration(object, status.observed_generation);
  Put(object, "updatedTime", status.updated);
  json policy = {{"mode", Spell<Mode>(kModeFields, status.effective_policy.mode)}};
  Put(policy, "modeFrom", FitText(status.effective_policy.mode_from, kMaxMessage));
  if (!status.effective_policy.policy_ref.empty()) {
    policy["policyRef"]["name"] = status.effective_policy.policy_ref;
  }
  object["effectivePolicy"] = std::move(policy);
  json containers = json::array();
  for (const ContainerAdvice& container : status.containers) {
    if (containers.size() == kMaxContainers) break;
    containers.push_back(WriteContainer(container));
  }
  Put(object, "containers", std::move(containers));
  if (status.last_patch) object["lastPatch"] = WriteLastPatch(*status.last_patch);
  Put(object, "conditions", WriteConditions(status.conditions));
  return object;
}

}  // namespace

Result<MemoryRecommendation> ParseMemoryRecommendation(const json& object) {
  Problem problem;
  const JsonReader reader(&object, "", problem);
  MemoryRecommendation recommendation;
  recommendation.meta = ReadMeta(reader);
  recommendation.target = ReadTargetRef(reader.Object("spec").Object("targetRef"));
  recommendation.status = ReadStatus(reader.Object("status"));
  if (problem.Found()) return std::unexpected(problem.error().Context("MemoryRecommendation"));
  return recommendation;
}

json MemoryRecommendationApply(const MemoryRecommendation& recommendation) {
  json document = WriteObject(kMemoryRecommendations, recommendation.meta);
  document["spec"]["targetRef"] = WriteTargetRef(recommendation.target);
  return document;
}

json MemoryRecommendationStatusApply(const MemoryRecommendation& recommendation) {
  json document = WriteIdentity(kMemoryRecommendations, recommendation.meta);
  document["status"] = WriteStatus(recommendation.status);
  return document;
}

bool ShowsTheSame(const MemoryRecommendationStatus& a, const MemoryRecommendationStatus& b) {
  // Compared as written, so that bytes below the shown Mi are no difference.
  MemoryRecommendationStatus left = a;
  MemoryRecommendationStatus right = b;
  left.updated = right.updated = std::nullopt;
  return WriteStatus(left) == WriteStatus(right);
}

}  // namespace plimsoll::api
