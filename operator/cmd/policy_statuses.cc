// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/policy_statuses.h"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace plimsoll::cmd {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(500);
constexpr Duration kFollow = std::chrono::seconds(5);  // pods change all the time
constexpr Duration kEvery = std::chrono::seconds(30);

}  // namespace

void PolicyStatuses::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  std::optional<Instant> last;
  do {
    const Duration pause = workloads_changed_ ? kFollow : kEvery;
    if (!changed_.exchange(false) && last && clock_.Monotonic() < *last + pause) continue;
    workloads_changed_ = false;  // before the look: what changes during it is looked at again
    last = clock_.Monotonic();
    Write();
  } while (pulse.Sleep(clock_, kLook, stop));
}

void PolicyStatuses::Write() {
  const std::vector<policy::PolicyPtr> policies = policies_.Policies();
  std::set<std::string> namespaces;
  for (const policy::PolicyPtr& policy : policies) namespaces.insert(policy->meta.ns.str());
  if (namespaces.empty()) return;

  std::vector<policy::Subject> subjects;
  for (const model::WorkloadKey& key : fleet_.Keys()) {
    if (!namespaces.contains(key.ns)) continue;
    const auto workload = fleet_.Snapshot(key);
    if (!workload || workload->pods.empty()) continue;
    subjects.push_back({.key = key,
                        .api_version = workload->identity.api_version,
                        .labels = workload->identity.labels,
                        .annotations = workload->identity.annotations});
  }
  for (const Error& failed : writer_.Write(policies, subjects, clock_.Now())) {
    log_.Warn("policy status not written; tried again", {{"problem", failed.message()}});
  }
}

}  // namespace plimsoll::cmd
