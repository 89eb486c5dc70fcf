// SPDX-License-Identifier: Apache-2.0
//
// Query strings, percent-encoded.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll::kube {

class Query {
 public:
  // Adds key=value.
  Query& Add(std::string_view key, std::string_view value);
  // Adds it unless the value is empty.
  Query& AddUnlessEmpty(std::string_view key, std::string_view value) {
    return value.empty() ? *this : Add(key, value);
  }
  // "path?a=1&b=2", or the path alone.
  [[nodiscard]] std::string On(std::string_view path) const {
    return text_.empty() ? std::string(path) : std::string(path) + "?" + text_;
  }

 private:
  std::string text_;
};

}  // namespace plimsoll::kube
