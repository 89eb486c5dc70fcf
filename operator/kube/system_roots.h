// SPDX-License-Identifier: Apache-2.0
//
// The authorities the machine trusts, for connections that were given none, and how to keep the
// HTTP library from reading them for every other connection: it has OpenSSL parse the machine's
// bundle (30 to 55 ms of CPU), which is then thrown away for the store of tls_context.h.
#pragma once

#include <openssl/x509_vfy.h>

#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"

namespace plimsoll::kube {

// Where the machine's roots are, as OpenSSL's variables SSL_CERT_FILE and SSL_CERT_DIR say.
struct SystemRoots {
  std::optional<std::string> file = {};  // nothing: the distribution's bundle
  std::optional<std::string> dir = {};   // "DIR:DIR…" of hashed certificates, beside the file
};

// Points both variables at nothing. Before any other thread begins; a second call does nothing.
void HideSystemRoots();

// What the variables say, or said before they were hidden.
[[nodiscard]] SystemRoots FindSystemRoots();

// Adds what is there to `store`. kInvalid when a file that was asked for cannot be read.
[[nodiscard]] Status AddSystemRoots(X509_STORE* store, const SystemRoots& roots);

// A variable as a program that we start shall see it; nothing: not at all.
struct RootsVariable {
  std::string name;
  std::optional<std::string> value;
};

// Undoes HideSystemRoots for such a program; empty when nothing was hidden.
[[nodiscard]] std::vector<RootsVariable> HiddenRootsVariables();

}  // namespace plimsoll::kube
