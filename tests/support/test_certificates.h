// SPDX-License-Identifier: Apache-2.0
//
// A certificate authority made on the spot, for tests of TLS.
#pragma once

#include <memory>
#include <string>

#include "tests/support/http_server.h"

namespace plimsoll::testing {

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  [[nodiscard]] const std::string& certificate_pem() const;
  // A server certificate for an IPv4 address or a DNS name.
  [[nodiscard]] ServerTls Issue(const std::string& host) const;

 private:
  struct Keys;
  std::unique_ptr<Keys> keys_;
};

}  // namespace plimsoll::testing
