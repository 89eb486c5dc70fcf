// SPDX-License-Identifier: Apache-2.0
//
// What the two Secrets hold, and their next state. The operator's has the authorities with their
// keys and the operator's client certificate; the agents' has a server certificate and the bundle,
// and never a key that could sign.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "operator/controllers/certificates/rotation.h"

namespace plimsoll::certificates {

// The names that each side checks in the other's certificate.
inline constexpr const char* kAgentName = "agent.plimsoll";
inline constexpr const char* kOperatorName = "operator.plimsoll";

using SecretData = std::map<std::string, std::string>;  // decoded

struct Secrets {
  SecretData operator_side;  // ca.crt tls.crt tls.key authority.{crt,key} next-authority.{crt,key}
  SecretData agent_side;     // ca.crt tls.crt tls.key

  friend bool operator==(const Secrets&, const Secrets&) = default;
};

// Never fails: what cannot be read is absent, and the plan makes it anew.
[[nodiscard]] Inventory TakeInventory(const Secrets& secrets, TimePoint now);

struct Advanced {
  Secrets secrets;
  std::vector<std::string> changes;  // one sentence each, for log and events; empty: nothing to do
};

// The Secrets as they should be now. Asked again with its own answer at the same time it changes
// nothing. Errors: kInternal when OpenSSL fails.
[[nodiscard]] Result<Advanced> Advance(const Secrets& secrets, const Schedule& schedule,
                                       TimePoint now);

}  // namespace plimsoll::certificates
