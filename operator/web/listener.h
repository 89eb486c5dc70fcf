// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP server for GETs of a few fixed paths, on IPv4 and IPv6. One request a connection;
// bodies are not read. At most 128 connections, each for at most five seconds: for one more the
// oldest that has asked nothing is ended; where all have asked, it is told 503.
//
// Boost.Beast, not cpprestsdk: its listener takes host and port apart at the first colon and so can
// serve no IPv6 address, and there are clusters whose pods have no other.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "advisor/base/result.h"

namespace plimsoll::web {

struct Answer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

using Routes = std::map<std::string, std::function<Answer()>>;  // by path: "/metrics"

class Listener {
 public:
  // `address`: an IPv4 or IPv6 address or a name; "::" is every address of both families, and of
  // IPv4 alone where the machine has no IPv6. Routes are called on two threads.
  // Errors: kInvalid when the address cannot be listened on, with the reason.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> Start(const std::string& address,
                                                               std::uint16_t port, Routes routes);
  // Stops listening; requests under way are answered first.
  ~Listener();

  // Useful when port 0 was asked for.
  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::web
