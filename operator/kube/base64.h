// SPDX-License-Identifier: Apache-2.0
//
// Standard base64, as kubeconfigs and Secrets carry bytes.
#pragma once

#include <string>
#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::kube {

// White space is allowed anywhere; kInvalid for anything else that is no base64.
[[nodiscard]] Result<std::string> DecodeBase64(std::string_view text);
[[nodiscard]] std::string EncodeBase64(std::string_view bytes);

}  // namespace plimsoll::kube
