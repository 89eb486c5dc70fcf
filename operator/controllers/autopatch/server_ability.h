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

  // Asks for its version and for what it serves. On an error what was known stays, and the half
  // that was answered is taken. Where we may not see what it serves, its version alone counts.
  [[nodiscard]] Status Ask(std::stop_token stop = {});

  // Absent before it has answered both: then nobody can say that it cannot resize.
  [[nodiscard]] std::optional<rollout::Capability> Now() const;
  // It is known to resize.
  [[nodiscard]] bool CanGrow() const;
  // Why the last question had no answer; empty: it had one, or none was asked.
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] std::optional<kube::ServerVersion> version() const;

 private:
  [[nodiscard]] Status AskBoth(std::stop_token stop);

  kube::Client& client_;
  mutable std::mutex mutex_;
  std::optional<kube::ServerVersion> version_;
  std::optional<rollout::Capability> capability_;
  std::string problem_;
};

}  // namespace plimsoll::autopatch
