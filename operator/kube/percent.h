// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::kube {

// Appends `text` with all but RFC 3986's unreserved characters percent-encoded.
void AppendPercentEncoded(std::string& out, std::string_view text);

}  // namespace plimsoll::kube
