// SPDX-License-Identifier: Apache-2.0
//
// What the API server can do in place: what its version has, and whether it serves pods/resize at
// all (until 1.34 a feature gate may be off).
#pragma once

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "advisor/base/result.h"
#include "advisor/rollout/capability.h"
#include "operator/kube/client.h"
#include "operator/kube/server_version.h"

namespace plimsoll::autopatch {

class ServerAbility {
 public:
  explicit ServerAbility(kube::Client& client) : client_(client) {}

  // Asks for its version and for what it serves. On an error what was known stays. Where we may not
  // see what it serves, its version alone counts.
  [[nodiscard]] Status Ask(std::stop_token stop = {});

  // Nothing, before the first answer.
  [[nodiscard]] rollout::Capability Now() const;
  [[nodiscard]] std::optional<kube::ServerVersion> version() const;

 private:
  kube::Client& client_;
  mutable std::mutex mutex_;
  std::optional<kube::ServerVersion> version_;
  rollout::Capability capability_;
};

}  // namespace plimsoll::autopatch
