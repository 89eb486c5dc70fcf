// SPDX-License-Identifier: Apache-2.0
//
// A TLS handshake in memory between an operator's and an agent's side of the Secrets: the real
// check of whether two sides trust each other.
#pragma once

#include <string>

#include "operator/controllers/certificates/secrets.h"

namespace plimsoll::certificates {

struct TlsOutcome {
  bool connected = false;
  std::string problem;  // OpenSSL's words of the first side that refused
};

// Client: the side that dials and expects `expected_name`; server: the side that listens and
// demands a client certificate. Each uses its own tls.crt, tls.key and ca.crt, at the time `now`.
[[nodiscard]] TlsOutcome Handshake(const SecretData& client, const SecretData& server,
                                   const std::string& expected_name, TimePoint now);

}  // namespace plimsoll::certificates
