// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/command.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <vector>

#include "operator/config/command_line.h"

namespace plimsoll::cli {

namespace po = boost::program_options;

Result<po::variables_map> ParseArguments(Arguments arguments,
                                         const po::options_description& options,
                                         const char* positional) {
  po::positional_options_description positions;
  if (*positional != '\0') positions.add(positional, -1);
  po::variables_map values;
  try {
    const std::vector<std::string> words(arguments.begin(), arguments.end());
    const auto read = config::ReadCommandLine(words, options, positions);
    // None of these options means anything by an empty text.
    for (const po::option& option : read.options) {
      if (option.position_key >= 0 && *positional == '\0') {
        throw po::error("'" + option.value.front() + "' belongs to no option");
      }
      if (std::ranges::count(option.value, std::string()) == 0) continue;
      throw po::error("--" + option.string_key + " is empty; give it a value or leave it out");
    }
    po::store(read, values);
    po::notify(values);
  } catch (const po::error& error) {
    return Fail(ErrorCode::kInvalid, std::string(error.what()) + "; --help lists the options");
  }
  return values;
}

int FailWith(const Streams& streams, const Error& error, int status) {
  streams.err << "error: " << error.message() << '\n';
  return status;
}

Result<std::string> ReadSmallFile(const std::string& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorCode::kNotFound, path + ": cannot be opened for reading");
  std::string text(limit + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) {
    return Fail(ErrorCode::kInvalid, path + ": cannot be read; it must be a file, not a folder");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > limit) {
    return Fail(ErrorCode::kInvalid, path + ": larger than " + std::to_string(limit) + " bytes");
  }
  return text;
}

}  // namespace plimsoll::cli
