// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/transport.h"

#include <strings.h>

namespace plimsoll::kube {

std::string_view HttpHead::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return {};
}

}  // namespace plimsoll::kube
