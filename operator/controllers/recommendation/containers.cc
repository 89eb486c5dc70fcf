// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/recommendation/containers.h"

#include <algorithm>

#include "advisor/model/clock_skew.h"
#include "advisor/sizing/guarded.h"
#include "operator/fleet/stats_endpoint.h"

namespace plimsoll::recommendation {
namespace {

template <class T>
void Raise(std::optional<T>& held, const std::optional<T>& seen) {
  if (seen && (!held || *held < *seen)) held = seen;
}

void AddInstance(ContainerFacts& facts, const fleet::Instance& instance, TimePoint now) {
  if (instance.newest) {
    const model::MemoryDigest& digest = *instance.newest;
    const Duration age = now - digest.window_end;
    if (age <= kFresh && -age <= model::kClockSkew) {
      ++facts.pods_reporting;
      Raise(facts.observed.hard, std::optional(digest.hard_peak));
      Raise(facts.observed.usage, std::optional(digest.usage));
    }
    Raise(facts.observed.last_sample, std::optional(digest.window_end));
  }
  if (instance.runtime && (!facts.runtime || facts.runtime->time < instance.runtime->time)) {
    facts.runtime = &*instance.runtime;
  }
  if (instance.runtime && instance.runtime_read_only) facts.runtime_read_only = true;
  Raise(facts.gc_cpu_percent, instance.gc_cpu_percent);
  if (!instance.runtime_problem.empty()) facts.runtime_problem = instance.runtime_problem;
}

void AddHistory(ContainerFacts& facts, const history::ContainerHistory& history) {
  if (history.first_minute() != 0) {
    facts.observed.first_sample = history::TimeOf(history.first_minute());
    Raise(facts.observed.last_sample, std::optional(history::TimeOf(history.last_minute())));
  }
  const auto today = history::DayOf(history::TimeOf(history.last_minute()));
  history::LogCode peak = history::kNoData;
  for (int age = 0; age < history::kDaysKept; ++age) {
    peak = std::max(peak, history.peaks().DayPeak(today - age));
  }
  if (peak != history::kNoData) {
    facts.observed.peak = Bytes::FromDouble(history::Decode(peak));
  }
  if (const auto rise = history.rise().Largest(today, sizing::kRiseDays);
      rise != history::kNoData) {
    facts.observed.rise = Bytes::FromDouble(history::Decode(rise));
  }
}

// Absent: one of those that live as long as the pod has no limit. One that runs to its end before
// them has the pod to itself.
std::optional<Ratio> PartOfPodLimit(const std::string& name, const kube::Pod& pod) {
  Bytes own;
  Bytes all;
  for (const kube::Container& container : pod.containers) {
    const bool same = container.name.view() == name;
    if (!kube::LivesWithPod(container.kind)) {
      if (same) return Ratio(1);
      continue;
    }
    if (!container.resources.limits.memory) return std::nullopt;
    all += *container.resources.limits.memory;
    if (same) own = *container.resources.limits.memory;
  }
  if (all <= Bytes(0)) return std::nullopt;
  return own == all ? Ratio(1) : Ratio(own.AsDouble() / all.AsDouble());
}

}  // namespace

cluster::Part PartOf(const std::string& name, const kube::Pod& newest,
                     const fleet::Workload& workload) {
  cluster::Part part{.pods = 0, .of_pod_limit = PartOfPodLimit(name, newest)};
  for (const auto& [uid, entry] : workload.pods) {
    if (fleet::IsOver(*entry.pod)) continue;
    ++part.pods;
    for (const kube::Container& container : entry.pod->containers) {
      const Bytes request = container.resources.requests.memory.value_or(Bytes(0));
      if (kube::LivesWithPod(container.kind)) part.all_requests += request;
      if (container.name.view() == name) part.requests += request;
    }
  }
  return part;
}

std::map<std::string, ContainerFacts> FactsOf(const fleet::Workload& workload, TimePoint now) {
  std::map<std::string, ContainerFacts> all;
  for (const auto& [uid, entry] : workload.pods) {
    for (const kube::Container& container : entry.pod->containers) {
      if (container.kind == kube::ContainerKind::kEphemeral) continue;
      const std::string name = container.name.str();
      ContainerFacts& facts = all[name];
      if (facts.pod == nullptr || facts.pod->meta.created < entry.pod->meta.created) {
        facts.pod = entry.pod.get();
        facts.kind = container.kind;
        facts.current = {container.resources.requests.memory, container.resources.limits.memory};
      }
      const kube::ContainerStatus* status = entry.pod->FindStatus(name);
      if (status != nullptr && status->state == kube::ContainerRunState::kRunning) {
        ++facts.pods_running;
      }
      const auto instance = entry.instances.find(name);
      if (instance != entry.instances.end()) AddInstance(facts, instance->second, now);
      std::string misplaced = fleet::StatsEndpointOf(*entry.pod, name).problem;
      if (!misplaced.empty()) facts.runtime_problem = std::move(misplaced);
    }
  }
  for (auto& [name, facts] : all) {
    const auto history = workload.histories.find(name);
    if (history != workload.histories.end()) AddHistory(facts, history->second);
  }
  return all;
}

}  // namespace plimsoll::recommendation
