// SPDX-License-Identifier: Apache-2.0
//
// What a broken exchange means, told by what the HTTP library says of it. Private to the transport.
#pragma once

#include <string>

#include "operator/kube/transport.h"

namespace plimsoll::kube {

// How an exchange broke.
struct ExchangeFailure {
  std::string text;
  int code = 0;              // errno's, where the library gives one
  bool is_protocol = false;  // not of the connection
};

// `tls_problem`: why the last connection could not be prepared; empty when it could.
[[nodiscard]] TransportError ErrorOf(const ExchangeFailure& failure, const std::string& url,
                                     const std::string& tls_problem);

}  // namespace plimsoll::kube
