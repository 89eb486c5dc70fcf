// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/exchange_failure.h"

#include <cerrno>

namespace plimsoll::kube {

TransportError ErrorOf(const ExchangeFailure& failure, const std::string& url,
                       const std::string& tls_problem) {
  using Kind = TransportErrorKind;
  if (failure.is_protocol) return {Kind::kProtocol, failure.text};
  if (failure.code == ETIMEDOUT) return {Kind::kTimeout, "the server at " + url + " fell silent"};
  const auto says = [&](const char* words) {
    return failure.text.find(words) != std::string::npos;
  };
  const std::string message = failure.text + " (" + url + ")";
  if (says("SSL") || says("handshake")) {
    if (!tls_problem.empty()) return {Kind::kTls, tls_problem};
    return {Kind::kTls,
            message + ": check certificate-authority, tls-server-name and the client certificate"};
  }
  if (says("connect") || says("resolving")) return {Kind::kConnect, message};
  if (says("read") || says("write") || says("send") || says("Retrieving")) {
    return {Kind::kReset, message};
  }
  return {Kind::kProtocol, message};
}

}  // namespace plimsoll::kube
