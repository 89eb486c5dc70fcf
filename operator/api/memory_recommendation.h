// SPDX-License-Identifier: Apache-2.0
//
// MemoryRecommendation: what one workload should have, why, and whether it was applied.
// /crds/memoryrecommendations.yaml documents each field. Absent means "not known here" and is left
// out of the JSON; nothing is ever written as 0 for want of data.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "advisor/model/oom_event.h"
#include "advisor/model/runtime_stats.h"
#include "advisor/recommend/recommendation.h"
#include "operator/api/condition.h"
#include "operator/api/mode.h"
#include "operator/api/target_ref.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::api {

struct MemoryAmounts {
  std::optional<Bytes> request{};
  std::optional<Bytes> limit{};

  friend bool operator==(const MemoryAmounts&, const MemoryAmounts&) = default;
};

// What the node's kernel showed of the container, over all its pods.
struct ObservedMemory {
  std::optional<Bytes> hard{};   // newest: what cannot be reclaimed, largest pod
  std::optional<Bytes> usage{};  // newest: the kernel's own count, cache included, largest pod
  std::optional<Bytes> peak{};   // highest hard memory that is remembered
  std::optional<Bytes> rise{};   // largest growth within 5 s that is remembered
  std::optional<TimePoint> first_sample{};
  std::optional<TimePoint> last_sample{};

  friend bool operator==(const ObservedMemory&, const ObservedMemory&) = default;
};

// Who told: an agent, from the kernel; or the pod's status alone, where there is no agent.
enum class KillSource { kKernel, kPodStatus };

struct OomSummary {
  std::int64_t kills_last_24h = 0;
  std::optional<TimePoint> last_kill{};
  std::optional<model::OomKind> last_kind{};
  std::optional<KillSource> last_source{};
  std::optional<Bytes> limit_at_kill{};
  std::optional<Bytes> peak_at_kill{};

  friend bool operator==(const OomSummary&, const OomSummary&) = default;
};

// One runtime setting, as a person would write it: "GOMEMLIMIT", "460MiB", "666MiB".
struct RuntimeSetting {
  std::string name;
  recommend::Delivery delivery = recommend::Delivery::kAdvice;
  std::optional<std::string> current{};
  std::string recommended;

  friend bool operator==(const RuntimeSetting&, const RuntimeSetting&) = default;
};

struct RuntimeReport {
  model::RuntimeKind kind = model::RuntimeKind::kUnknown;
  std::string version;
  std::optional<Bytes> live_set{};  // heap that survived the last full collection
  std::optional<std::int32_t> gc_cpu_percent{};
  std::vector<RuntimeSetting> settings;

  friend bool operator==(const RuntimeReport&, const RuntimeReport&) = default;
};

struct ReasonText {
  std::string code;
  std::string message;

  friend bool operator==(const ReasonText&, const ReasonText&) = default;
};

struct ContainerAdvice {
  std::string name;
  recommend::Verdict verdict = recommend::Verdict::kInsufficientData;
  std::int32_t confidence_percent = 0;
  std::optional<bool> guarded{};  // which regime made the limit; absent without advice
  MemoryAmounts current{};
  MemoryAmounts target{};
  MemoryAmounts uncapped_target{};
  ObservedMemory observed{};
  std::optional<OomSummary> oom{};  // absent: kills cannot be seen here
  std::optional<RuntimeReport> runtime{};
  std::vector<ReasonText> reasons;
  std::vector<std::string> explanation;  // one step of the arithmetic a line

  friend bool operator==(const ContainerAdvice&, const ContainerAdvice&) = default;
};

enum class Severity { kNone, kLow, kMedium, kCritical };

// Printer columns cannot sum a list, so the sums are written here.
struct RecommendationSummary {
  recommend::Verdict verdict = recommend::Verdict::kInsufficientData;
  Severity severity = Severity::kNone;
  std::string request;  // of one pod: "512Mi->624Mi", or "512Mi" when it should stay
  std::string limit;
  std::optional<Bytes> request_change_total{};  // signed, over all replicas
  std::int32_t replicas = 0;
  std::optional<std::int64_t> oom_kills_last_24h{};
  std::int32_t confidence_percent = 0;
  std::string runtime;  // "Go"; empty when none was recognised
  std::string gc;       // "GOMEMLIMIT 460MiB->666MiB"; empty when there is no such advice

  friend bool operator==(const RecommendationSummary&, const RecommendationSummary&) = default;
};

struct EffectivePolicy {
  Mode mode = Mode::kRecommend;
  std::string mode_from;   // "namespace label", "MemoryPolicy shop/default", ...
  std::string policy_ref;  // name of the MemoryPolicy in force; empty: none

  friend bool operator==(const EffectivePolicy&, const EffectivePolicy&) = default;
};

enum class PatchMethod { kInPlace, kRollout, kAdmission };
enum class PatchResult { kInProgress, kApplied, kFailed, kRolledBack };

struct LastPatch {
  TimePoint time{};
  PatchMethod method = PatchMethod::kInPlace;
  PatchResult result = PatchResult::kInProgress;
  std::string container;
  std::string reason;  // a code: "Grow", "Shrink", "Raise", "Heal", ...
  std::string message;
  MemoryAmounts from{};
  MemoryAmounts to{};

  friend bool operator==(const LastPatch&, const LastPatch&) = default;
};

struct MemoryRecommendationStatus {
  std::int64_t observed_generation = 0;  // of the object; 0: not known, then it is not written
  std::optional<TimePoint> updated{};    // when a shown value last changed
  EffectivePolicy effective_policy{};
  RecommendationSummary summary{};
  std::vector<ContainerAdvice> containers;
  std::optional<LastPatch> last_patch{};
  std::vector<Condition> conditions;

  friend bool operator==(const MemoryRecommendationStatus&,
                         const MemoryRecommendationStatus&) = default;
};

struct MemoryRecommendation {
  kube::ObjectMeta meta{};
  TargetRef target{};  // spec.targetRef, immutable
  MemoryRecommendationStatus status{};
};

// Reads one object. Errors: kInvalid naming the field. Unknown fields are passed over.
[[nodiscard]] Result<MemoryRecommendation> ParseMemoryRecommendation(const nlohmann::json& object);

// Bodies of server-side applies: metadata and spec; the status alone. What has no value is left
// out, and lists and texts are cut to the schema's bounds.
[[nodiscard]] nlohmann::json MemoryRecommendationApply(const MemoryRecommendation& recommendation);
[[nodiscard]] nlohmann::json MemoryRecommendationStatusApply(
    const MemoryRecommendation& recommendation);

// Whether a user looking at the object would see a difference; `updated` alone is none.
[[nodiscard]] bool ShowsTheSame(const MemoryRecommendationStatus& a,
                                const MemoryRecommendationStatus& b);

}  // namespace plimsoll::api
