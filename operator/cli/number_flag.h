// SPDX-License-Identifier: Apache-2.0
//
// A flag that is a number, kept as the text that was given: Boost.Program_options takes "-1" for a
// large unsigned number, and names no range.
#pragma once

#include <charconv>
#include <concepts>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <boost/program_options.hpp>

#include "advisor/base/result.h"

namespace plimsoll::cli {

// The flag's number; kInvalid naming flag, value and range unless it is one in [lowest, highest].
// The flag must have a value.
template <class Number>
[[nodiscard]] Result<Number> NumberFlag(const boost::program_options::variables_map& values,
                                        const std::string& flag, Number lowest, Number highest) {
  const auto& text = values[flag].as<std::string>();
  const char* const end = text.data() + text.size();
  Number number{};
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  // NaN is in no range.
  if (error == std::errc() && stopped == end && number >= lowest && number <= highest)
    return number;
  return Fail(ErrorCode::kInvalid,
              fmt::format("--{}: '{}' is not a {}number between {} and {}", flag, text,
                          std::integral<Number> ? "whole " : "", lowest, highest));
}

}  // namespace plimsoll::cli
