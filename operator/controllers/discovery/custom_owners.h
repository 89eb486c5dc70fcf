// SPDX-License-Identifier: Apache-2.0
//
// Owners of kinds that are not built in (an Argo Rollout, a database operator's cluster): found by
// the API's own discovery and read one by one, because a watch for each kind of a cluster would
// need rights to all of them. What the operator may not read is told, with the right it lacks.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "operator/kube/client.h"
#include "operator/kube/objects/object_meta.h"

namespace plimsoll::discovery {

class CustomOwners {
 public:
  // Answers are kept so long; the queue asks again after that.
  inline static constexpr Duration kKept = std::chrono::minutes(5);

  // `client` must outlive it.
  explicit CustomOwners(kube::Client& client) : client_(client) {}

  // Absent: it is gone or cannot be read. Never an error: a kind whose server is away must not keep
  // its pods out of sight; what was known before stays.
  [[nodiscard]] std::optional<kube::ObjectMeta> Lookup(const kube::OwnerReference& reference,
                                                       const std::string& ns);
  // Why the last Lookup of this owner could not read it; empty when it could.
  [[nodiscard]] std::string ProblemOf(const std::string& uid) const;

 private:
  struct Kind {
    std::string group;
    std::string version;
    std::string plural;
    bool namespaced = true;
    std::string problem;
    Instant until{};
  };
  struct Known {
    std::optional<kube::ObjectMeta> meta{};
    std::string problem;
    Instant until{};
  };

  [[nodiscard]] Kind FindKind(const std::string& api_version, const std::string& kind);
  [[nodiscard]] Known Read(const kube::OwnerReference& reference, const std::string& ns);

  kube::Client& client_;
  mutable std::mutex mutex_;
  std::map<std::string, Kind> kinds_;   // by "argoproj.io/v1alpha1 Rollout"
  std::map<std::string, Known> known_;  // by UID
};

}  // namespace plimsoll::discovery
