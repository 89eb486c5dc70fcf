// SPDX-License-Identifier: Apache-2.0
//
// Writes what became of each MemoryPolicy into its status, and tells its owner by an event when it
// stops being in force. Call it every now and then; it writes only what changes.
#pragma once

#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/controllers/policy/selection.h"
#include "operator/kube/client.h"
#include "operator/kube/event_recorder.h"

namespace plimsoll::policy {

class PolicyStatusWriter {
 public:
  // `client` must be fenced by the lease; it and `events` must outlive the writer.
  PolicyStatusWriter(kube::Client& client, kube::EventRecorder& events)
      : client_(client), events_(events) {}

  // One pass over all policies and workloads, of all namespaces, in any order. What could not be
  // written is in the answer, each with the policy's name, and is tried again by the next pass.
  [[nodiscard]] std::vector<Error> Write(const std::vector<PolicyPtr>& policies,
                                         const std::vector<Subject>& subjects, TimePoint now);

 private:
  void Announce(const api::MemoryPolicy& before, const api::MemoryPolicy& now);

  kube::Client& client_;
  kube::EventRecorder& events_;
};

}  // namespace plimsoll::policy
