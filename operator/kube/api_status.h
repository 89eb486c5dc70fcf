// SPDX-License-Identifier: Apache-2.0
//
// metav1.Status: how the API server says no, read from JSON or protobuf, and mapped to an
// ErrorCode.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::kube {

struct ApiStatus {
  int code = 0;        // HTTP status, or the code of an ERROR watch event
  std::string reason;  // "NotFound", "Expired", "TooManyRequests", ...
  std::string message;
  std::vector<std::string> causes;  // "spec.containers[0].resources: Invalid value …"
  std::optional<Duration> retry_after;

  [[nodiscard]] bool expired() const {
    return code == 410 || reason == "Expired" || reason == "Gone";
  }
  // The server cannot yet serve a resource version that it has not seen.
  [[nodiscard]] bool too_large_resource_version() const;
  [[nodiscard]] ErrorCode error_code() const;
  // "patch /api/v1/…: 403 Forbidden: <message>".
  [[nodiscard]] Error ToError(std::string_view method, std::string_view path) const;
};

// `code` is the HTTP status; a body that is no Status (a proxy's page) becomes the message, cut.
[[nodiscard]] ApiStatus ParseApiStatus(int code, std::string_view content_type,
                                       std::string_view body);
// The Status of an ERROR event: protobuf message or JSON text, without envelope.
[[nodiscard]] ApiStatus ParseStatusObject(bool protobuf, std::string_view wire);

}  // namespace plimsoll::kube
