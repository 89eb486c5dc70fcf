// SPDX-License-Identifier: Apache-2.0
//
// Objects with every field filled, for the tests of the codecs and for the real API server to
// check.
#pragma once

#include <chrono>

#include "operator/api/memory_checkpoint.h"
#include "operator/api/memory_policy.h"
#include "operator/api/memory_recommendation.h"

namespace plimsoll::api {

inline const TimePoint kSampleTime(Duration(1787296364000));

// Every field has a value.
inline MemoryRecommendation WholeRecommendation() {
  using namespace literals;
  MemoryRecommendation object;
  object.meta.name = "deployment-checkout";
  object.meta.ns = "shop";
  object.meta.owners = {{"apps/v1", "Deployment", "checkout", "uid-1", true}};
  object.target = {"apps/v1", "Deployment", "checkout"};
  MemoryRecommendationStatus& status = object.status;
  status.observed_generation = 1;
  status.updated = kSampleTime;
  status.effective_policy = {Mode::kAutoPatch, "namespace label", "default"};
  status.summary = {.verdict = recommend::Verdict::kUnderProvisioned,
                    .severity = Severity::kCritical,
                    .request = "512Mi->624Mi",
                    .limit = "512Mi->784Mi",
                    .request_change_total = 672_MiB,
                    .replicas = 6,
                    .oom_kills_last_24h = 3,
                    .confidence_percent = 92,
                    .runtime = "Go",
                    .gc = "GOMEMLIMIT 460MiB->666MiB"};
  ContainerAdvice advice;
  advice.name = "app";
  advice.verdict = recommend::Verdict::kUnderProvisioned;
  advice.confidence_percent = 92;
  advice.guarded = false;
  advice.current = {512_MiB, 512_MiB};
  advice.target = {624_MiB, 784_MiB};
  advice.uncapped_target = {624_MiB, 900_MiB};
  advice.observed = {.hard = 500_MiB,
                     .usage = 512_MiB,
                     .peak = 512_MiB,
                     .rise = 40_MiB,
                     .first_sample = kSampleTime - std::chrono::hours(48),
                     .last_sample = kSampleTime};
  advice.oom = {{.kills_last_24h = 3,
                 .last_kill = kSampleTime,
                 .last_kind = model::OomKind::kChildOom,
                 .limit_at_kill = 512_MiB,
                 .peak_at_kill = 512_MiB}};
  advice.runtime = {{.kind = model::RuntimeKind::kGo,
                     .version = "go1.26.8",
                     .live_set = 298_MiB,
                     .gc_cpu_percent = 11,
                     .settings = {{"GOMEMLIMIT", recommend::Delivery::kLive, "460MiB", "666MiB"}}}};
  advice.reasons = {{"OOMFloor", "last OOM at 512Mi"}};
  advice.explanation = {"limit.base = 512Mi"};
  status.containers = {advice};
  status.last_patch = {{.time = kSampleTime,
                        .method = PatchMethod::kInPlace,
                        .result = PatchResult::kRolledBack,
                        .container = "app",
                        .reason = "Grow",
                        .message = "one pod",
                        .from = {512_MiB, 512_MiB},
                        .to = {624_MiB, 784_MiB}}};
  status.conditions = {
      {"Ready", ConditionStatus::kTrue, "RecommendationCurrent", "ok", 1, kSampleTime},
      {"Applied", ConditionStatus::kFalse, "ModeRecommend", "advice only", 1, kSampleTime}};
  return object;
}

// As large as a checkpoint may be: the most containers, each with the most data.
inline MemoryCheckpoint LargestCheckpoint() {
  MemoryCheckpoint checkpoint;
  checkpoint.meta.name = "deployment-checkout";
  checkpoint.meta.ns = "shop";
  checkpoint.target = {"apps/v1", "Deployment", "checkout"};
  checkpoint.updated = kSampleTime;
  for (int i = 0; i < 64; ++i) {
    checkpoint.containers.push_back({.name = "container-" + std::to_string(i),
                                     .data = std::string(kMaxCheckpointBytes, '\xa5')});
  }
  return checkpoint;
}

// The policy that tests/chart makes, with the status that the operator would give it.
inline MemoryPolicy PolicyWithStatus() {
  MemoryPolicy policy;
  policy.meta.name = "default";
  policy.meta.ns = "shop";
  policy.status = {.observed_generation = 1,
                   .matched_workloads = 12,
                   .conditions = {{"Accepted", ConditionStatus::kTrue, "Valid",
                                   "12 workloads matched", 1, kSampleTime}}};
  return policy;
}

}  // namespace plimsoll::api
