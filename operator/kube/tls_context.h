// SPDX-License-Identifier: Apache-2.0
//
// Whom a connection trusts and who it says it is, in OpenSSL's terms. The certificate store is our
// own: the HTTP library's would trust every authority of the machine beside the configured one.
#pragma once

#include <openssl/ssl.h>

#include "advisor/base/result.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {

// Trusts the material's authorities alone (without any: the machine's) and presents its
// certificate, if there is one. Errors: kInvalid, naming the kubeconfig's key (or the variable)
// whose PEM is wrong.
[[nodiscard]] Status ConfigureTls(SSL_CTX* context, const TlsMaterial& material);

// The same, of a connection that is not made: whether the material can work. Errors as above.
[[nodiscard]] Status CheckTls(const TlsMaterial& material);

}  // namespace plimsoll::kube
