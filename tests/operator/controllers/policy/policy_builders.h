// SPDX-License-Identifier: Apache-2.0
//
// Policies and workloads for the tests of this folder.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "operator/controllers/policy/selection.h"

namespace plimsoll::policy {

// A policy in namespace shop that claims what `spec` says; `age` in seconds, larger is older.
inline PolicyPtr APolicy(std::string name, api::MemoryPolicySpec spec, int age = 0) {
  api::MemoryPolicy policy;
  policy.meta.ns = "shop";
  policy.meta.name = name;
  policy.meta.generation = 1;
  policy.meta.created = TimePoint(std::chrono::hours(1000)) - std::chrono::seconds(age);
  policy.spec = std::move(spec);
  return std::make_shared<const api::MemoryPolicy>(std::move(policy));
}

inline api::MemoryPolicySpec Everything() {
  api::MemoryPolicySpec spec;
  spec.target_selector.emplace();
  return spec;
}

inline api::MemoryPolicySpec Labelled(std::string key, std::string value) {
  api::MemoryPolicySpec spec;
  spec.target_selector.emplace().match_labels.emplace(std::move(key), std::move(value));
  return spec;
}

inline api::MemoryPolicySpec Named(std::string kind, std::string name,
                                   std::string api_version = "") {
  api::MemoryPolicySpec spec;
  spec.target_refs = {{std::move(api_version), std::move(kind), std::move(name)}};
  return spec;
}

inline Subject ADeployment(std::string name, kube::Labels labels = {},
                           kube::Labels annotations = {}) {
  return {.key = {.ns = "shop", .kind = "Deployment", .name = std::move(name)},
          .api_version = "apps/v1",
          .labels = std::move(labels),
          .annotations = std::move(annotations)};
}

}  // namespace plimsoll::policy
