// SPDX-License-Identifier: Apache-2.0
//
// Tells users of their policies: whether each is accepted and what it applies to. A policy that was
// just written has its answer within a second; what it applies to follows the workloads within
// five.
#pragma once

#include <atomic>
#include <stop_token>

#include "operator/cmd/policy_book.h"
#include "operator/config/log.h"
#include "operator/controllers/heartbeat.h"
#include "operator/controllers/policy/policy_status_writer.h"
#include "operator/fleet/fleet.h"

namespace plimsoll::cmd {

class PolicyStatuses {
 public:
  // `client` must be fenced by the lease; all must outlive this.
  PolicyStatuses(kube::Client& client, kube::EventRecorder& events, const fleet::Fleet& fleet,
                 const PolicyBook& policies, const Log& log)
      : clock_(client.clock()),
        writer_(client, events),
        fleet_(fleet),
        policies_(policies),
        log_(log) {}

  // A policy or a namespace changed. Any thread.
  void Changed() { changed_ = true; }
  // The pods or labels of a workload changed. Any thread.
  void WorkloadsChanged() { workloads_changed_ = true; }
  // Only the leader runs it.
  void Run(std::stop_token stop, controllers::Heartbeats::Pulse pulse);

 private:
  void Write();

  const kube::Clock& clock_;
  policy::PolicyStatusWriter writer_;
  const fleet::Fleet& fleet_;
  const PolicyBook& policies_;
  const Log& log_;
  std::atomic<bool> changed_{true};
  std::atomic<bool> workloads_changed_{false};
};

}  // namespace plimsoll::cmd
