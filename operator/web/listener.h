// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP server for GETs of a few fixed paths. Answers at most 16 requests at a time and says
// 503 to the others; bodies are not read.
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
  // Errors: kInvalid when the address cannot be listened on, with the reason.
  [[nodiscard]] static Result<std::unique_ptr<Listener>> Start(const std::string& address,
                                                               std::uint16_t port, Routes routes);
  // Stops listening; requests under way are answered first.
  ~Listener();

 private:
  class Impl;
  explicit Listener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll::web
