// SPDX-License-Identifier: Apache-2.0
//
// One authenticated request: adds credentials and the user agent, tries once more with fresh
// credentials after a 401, and turns every refusal into a RequestFailure. No other retry: what to
// do about a failure differs between a reflector and a unary call.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/api_status.h"
#include "operator/kube/clock.h"
#include "operator/kube/credentials.h"
#include "operator/kube/transport.h"

namespace plimsoll::kube {

struct RequestFailure {
  std::optional<TransportErrorKind> transport;  // the exchange failed ...
  std::optional<ApiStatus> status;              // ... or the server said no
  Error error;                                  // either way, for people and callers

  [[nodiscard]] bool canceled() const { return transport == TransportErrorKind::kCanceled; }
};

class RequestSender {
 public:
  using Observer = std::function<void(std::string_view method, int status, Duration took)>;

  RequestSender(std::shared_ptr<Transport> transport, std::unique_ptr<Credentials> credentials,
                std::shared_ptr<const Clock> clock, std::string user_agent, Observer observer);

  // The sink sees the head and body of a 2xx answer only.
  [[nodiscard]] std::expected<void, RequestFailure> Send(const HttpRequest& request, HttpSink& sink,
                                                         std::stop_token stop);

 private:
  [[nodiscard]] std::expected<void, RequestFailure> SendOnce(const HttpRequest& request,
                                                             HttpSink& sink, std::stop_token stop);

  const std::shared_ptr<Transport> transport_;
  const std::unique_ptr<Credentials> credentials_;
  const std::shared_ptr<const Clock> clock_;
  const std::string user_agent_;
  const Observer observer_;
};

}  // namespace plimsoll::kube
