// SPDX-License-Identifier: Apache-2.0
//
// Binary data inside JSON: standard base64 with padding, as Kubernetes' own byte fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll::api {

[[nodiscard]] std::string EncodeBase64(std::string_view data);

// Absent for anything that EncodeBase64 could not have made.
[[nodiscard]] std::optional<std::string> DecodeBase64(std::string_view text);

}  // namespace plimsoll::api
