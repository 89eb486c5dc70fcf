// SPDX-License-Identifier: Apache-2.0
//
// Finds where the members of a JSON object lie, without building anything: a watch event's object
// and a list's items are handed on as text and parsed once. Structure alone is checked here; what
// is inside a value is checked by whoever parses it.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "advisor/base/result.h"

namespace plimsoll::kube::wire {

// Calls member(key, value) for each member of the object `text`. `key` is as written between its
// quotes, `value` the value's text. kInvalid when the text is no object or is cut off.
[[nodiscard]] Status ForEachMember(
    std::string_view text,
    const std::function<void(std::string_view key, std::string_view value)>& member);

// Tells, byte by byte, how deep in brackets and whether in a string a JSON text is.
class JsonDepth {
 public:
  // Depth after the byte. Brackets inside strings do not count.
  int Step(char c) {
    if (in_string_) {
      if (escaped_) {
        escaped_ = false;
      } else if (c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        in_string_ = false;
      }
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    }
    return depth_;
  }
  [[nodiscard]] bool in_string() const { return in_string_; }
  [[nodiscard]] int depth() const { return depth_; }

 private:
  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace plimsoll::kube::wire
