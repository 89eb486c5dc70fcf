// SPDX-License-Identifier: Apache-2.0
#include "operator/cmd/policy_statuses.h"

#include <chrono>
#include <vector>

namespace plimsoll::cmd {
namespace {

constexpr Duration kLook = std::chrono::milliseconds(500);
constexpr Duration kEvery = std::chrono::seconds(30);

}  // namespace

void PolicyStatuses::Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse) {
  Instant due = clock_.Monotonic();
  do {
    if (!changed_.exchange(false) && clock_.Monotonic() < due) continue;
    due = clock_.Monotonic() + kEvery;
    Write();
  } while (pulse.Sleep(clock_, kLook, stop));
}

void PolicyStatuses::Write() {
  std::vector<policy::Subject> subjects;
  for (const model::WorkloadKey& key : fleet_.Keys()) {
    const auto workload = fleet_.Snapshot(key);
    if (!workload || workload->pods.empty()) continue;
    subjects.push_back({.key = key,
                        .api_version = workload->identity.api_version,
                        .labels = workload->identity.labels,
                        .annotations = workload->identity.annotations});
  }
  for (const Error& failed : writer_.Write(policies_.Policies(), subjects, clock_.Now())) {
    log_.Warn("policy status not written; tried again", {{"problem", failed.message()}});
  }
}

}  // namespace plimsoll::cmd
