// SPDX-License-Identifier: Apache-2.0
//
// Namespaces and MemoryPolicies as the cluster has them, and the answer to "what may be done with
// this workload": the policy controller's table fed from informers.
#pragma once

#include <functional>
#include <string>

#include "operator/api/memory_policy.h"
#include "operator/api/watch_problem.h"
#include "operator/config/log.h"
#include "operator/config/options.h"
#include "operator/controllers/policy/resolution.h"
#include "operator/controllers/recommendation/resolved_policy.h"
#include "operator/kube/informer.h"

namespace plimsoll::cmd {

class PolicyBook {
 public:
  // `on_change` is called when labels or policies of a namespace changed, `on_gone` when it was
  // deleted, also if another of its name has come; both may only enqueue or forget.
  struct Listeners {
    std::function<void(const std::string& ns)> on_change;
    std::function<void(const std::string& ns)> on_gone;
  };
  PolicyBook(kube::Client& client, const config::Options& options, const Log& log,
             Listeners listeners);

  void Start();
  void Stop();
  // Which collection is not complete yet, and why; empty when both are.
  [[nodiscard]] std::string SyncProblem() const {
    return api::FirstProblem({api::SyncProblem(namespaces_), api::SyncProblem(policies_)});
  }

  [[nodiscard]] recommendation::ResolvedPolicy Resolve(const model::WorkloadKey& key,
                                                       const fleet::Identity& identity) const;

  // Policies of one namespace, and all namespaces that have some.
  [[nodiscard]] std::vector<policy::PolicyPtr> PoliciesOf(const std::string& ns) const;
  [[nodiscard]] std::vector<policy::PolicyPtr> Policies() const { return policies_.List(); }

 private:
  policy::Settings settings_;
  kube::Informer<kube::Namespace> namespaces_;
  kube::Informer<api::MemoryPolicy> policies_;
  kube::IndexId policies_by_ns_;
};

}  // namespace plimsoll::cmd
