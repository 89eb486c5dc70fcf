// SPDX-License-Identifier: Apache-2.0
//
// Runs a subcommand on strings, as the program does on its streams.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "operator/cli/command.h"

namespace plimsoll::cli {

struct Ran {
  int status = 0;
  std::string out;
  std::string err;
};

inline Ran Run(int (*command)(Arguments, const Streams&), const std::vector<std::string>& arguments,
               const std::string& input) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const int status = command(arguments, {in, out, err});
  return {status, out.str(), err.str()};
}

}  // namespace plimsoll::cli
