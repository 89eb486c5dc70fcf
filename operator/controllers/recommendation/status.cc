// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/recommendation/status.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "operator/api/status_summary.h"

namespace plimsoll::recommendation {
namespace {

std::optional<api::OomSummary> OomOf(const ConditionInputs& in, const std::string& container,
                                     TimePoint now) {
  const auto history = in.workload.histories.find(container);
  const auto kills = in.workload.kills.find(container);
  const bool seen_by_agent = std::ranges::any_of(in.workload.pods, [&](const auto& pod) {
    return in.nodes.contains(pod.second.pod->node.str());
  });
  // Without an agent, kills cannot be seen: absent, not 0.
  if (!seen_by_agent && kills == in.workload.kills.end()) return std::nullopt;
  api::OomSummary summary;
  if (history != in.workload.histories.end()) {
    summary.kills_last_24h = history->second.oom().KillsInLastDay(history::HourOf(now));
  }
  if (kills != in.workload.kills.end() && kills->second.last) {
    const model::OomEvent& last = *kills->second.last;
    summary.last_kill = last.time;
    summary.last_kind = last.kind;
    summary.last_source =
        last.by_pod_status ? api::KillSource::kPodStatus : api::KillSource::kKernel;
    summary.limit_at_kill = last.limit;
    summary.peak_at_kill = last.peak;
  }
  return summary;
}

// What moves with every reading.
void Blank(api::MemoryRecommendationStatus& status) {
  status.updated.reset();
  for (api::ContainerAdvice& container : status.containers) {
    container.observed = {};
    container.explanation.clear();
    for (api::ReasonText& reason : container.reasons) reason.message.clear();
    if (container.runtime) {
      container.runtime->live_set.reset();
      container.runtime->gc_cpu_percent.reset();
      for (api::RuntimeSetting& setting : container.runtime->settings) setting.recommended.clear();
    }
  }
  for (api::Condition& condition : status.conditions) condition.message.clear();
}

}  // namespace

api::MemoryRecommendationStatus StatusOf(const ConditionInputs& in,
                                         const api::MemoryRecommendationStatus& previous,
                                         TimePoint now) {
  api::MemoryRecommendationStatus status;
  status.effective_policy = in.policy.effective;
  for (const auto& [name, facts] : in.facts) {
    const auto advice = in.advice.find(name);
    if (advice == in.advice.end() || advice->second.excluded) continue;
    api::ContainerAdvice shown =
        api::AdviceFor(name, facts.current, advice->second.recommendation, facts.runtime);
    shown.observed = facts.observed;
    shown.oom = OomOf(in, name, now);
    if (shown.runtime && facts.gc_cpu_percent) {
      shown.runtime->gc_cpu_percent = static_cast<std::int32_t>(std::lround(*facts.gc_cpu_percent));
    }
    status.containers.push_back(std::move(shown));
  }
  const kube::Pod* newest = in.workload.NewestPod();
  status.summary = api::Summarize(status.containers,
                                  newest ? std::span<const kube::Container>(newest->containers)
                                         : std::span<const kube::Container>(),
                                  static_cast<std::int32_t>(in.workload.pods.size()));
  status.last_patch =
      in.workload.carried.last_patch ? in.workload.carried.last_patch : previous.last_patch;
  status.conditions = ConditionsOf(in, previous.conditions, now);
  return status;
}

bool DiffersInSubstance(const api::MemoryRecommendationStatus& a,
                        const api::MemoryRecommendationStatus& b) {
  api::MemoryRecommendationStatus left = a;
  api::MemoryRecommendationStatus right = b;
  Blank(left);
  Blank(right);
  return !api::ShowsTheSame(left, right);
}

}  // namespace plimsoll::recommendation
