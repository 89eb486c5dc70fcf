// SPDX-License-Identifier: Apache-2.0
#include "operator/config/command_line.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <typeinfo>

namespace plimsoll::config {
namespace {

namespace po = boost::program_options;

bool IsEmptyAssignment(const std::string& word) {
  return word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1;
}

// Takes --FLAG= before Boost does, which would refuse it for lack of what follows the sign.
std::vector<po::option> TakeEmpty(std::vector<std::string>& rest) {
  if (rest.empty() || !IsEmptyAssignment(rest.front())) return {};
  po::option option;
  option.string_key = rest.front().substr(2, rest.front().size() - 3);
  option.value = {""};
  option.original_tokens = {rest.front()};
  rest.erase(rest.begin());
  return {option};
}

bool TakesText(const po::option_description& flag) {
  const auto* typed = dynamic_cast<const po::typed_value_base*>(flag.semantic().get());
  return typed != nullptr && (typed->value_type() == typeid(std::string) ||
                              typed->value_type() == typeid(std::vector<std::string>));
}

bool Collects(const po::option_description& flag) {
  return flag.semantic()->is_composing() || flag.semantic()->max_tokens() > 1;
}

}  // namespace

po::parsed_options ReadCommandLine(const std::vector<std::string>& arguments,
                                   const po::options_description& flags,
                                   const po::positional_options_description& words) {
  po::command_line_parser parser(arguments);
  parser.options(flags).extra_style_parser(TakeEmpty);
  if (words.max_total_count() > 0) parser.positional(words);
  po::parsed_options read = parser.run();
  std::set<std::string> seen;
  std::vector<po::option> kept;
  for (auto option = read.options.rbegin(); option != read.options.rend(); ++option) {
    if (option->position_key < 0) {
      const po::option_description& flag = flags.find(option->string_key, false);
      if (option->value == std::vector<std::string>{""} && !TakesText(flag)) {
        throw po::error("--" + option->string_key + " is empty; give it a value or leave it out");
      }
      if (!seen.insert(option->string_key).second && !Collects(flag)) continue;
    }
    kept.push_back(std::move(*option));
  }
  std::reverse(kept.begin(), kept.end());
  read.options = std::move(kept);
  return read;
}

}  // namespace plimsoll::config
