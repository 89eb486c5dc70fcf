// SPDX-License-Identifier: Apache-2.0
//
// What every subcommand of kubectl-plimsoll is: a function from its arguments and the standard
// streams to an exit status. 0: done; 1: the data or the outcome is at fault; 2: the arguments are.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include <boost/program_options.hpp>

#include "advisor/base/result.h"

namespace plimsoll::cli {

struct Streams {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

using Arguments = std::span<const std::string>;

inline constexpr int kBadData = 1;
inline constexpr int kBadArguments = 2;

// Parses `arguments`; kInvalid with the remedy where they do not fit. Positional ones go to the
// option named `positional` (empty: there are none).
[[nodiscard]] Result<boost::program_options::variables_map> ParseArguments(
    Arguments arguments, const boost::program_options::options_description& options,
    const char* positional);

// Prints "error: ..." and gives the status.
int FailWith(const Streams& streams, const Error& error, int status);

// Text of a whole file; kNotFound or kInvalid (larger than `limit` bytes) naming the path.
[[nodiscard]] Result<std::string> ReadSmallFile(const std::string& path, std::size_t limit);

}  // namespace plimsoll::cli
