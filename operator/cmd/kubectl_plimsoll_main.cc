// SPDX-License-Identifier: Apache-2.0
//
// kubectl-plimsoll: the kubectl plugin. Picks the subcommand; each one parses its own arguments.
#include <algorithm>
#include <array>
#include <cstdio>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "operator/cli/advise_command.h"
#include "operator/cli/command.h"
#include "operator/cli/eval_command.h"
#include "operator/cli/replay_command.h"

namespace {

using plimsoll::cli::Arguments;
using plimsoll::cli::Streams;

struct Subcommand {
  std::string_view name;
  std::string_view what;
  int (*run)(Arguments, const Streams&);
};

constexpr std::array kSubcommands = {
    Subcommand{"advise", "the advisor as a filter: events in, advice out",
               plimsoll::cli::AdviseCommand},
    Subcommand{"replay", "what each engine would have done with your own trace",
               plimsoll::cli::ReplayCommand},
    Subcommand{"eval", "play generated workloads against every engine and compare",
               plimsoll::cli::EvalCommand},
};

void Usage(std::ostream& out) {
  out << "Usage: kubectl plimsoll COMMAND [OPTIONS]\n       kubectl plimsoll --version\n\n"
         "Commands (each has --help):\n";
  for (const auto& command : kSubcommands) {
    out << "  " << command.name << std::string(10 - command.name.size(), ' ') << command.what
        << '\n';
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h") {
    Usage(words.empty() ? std::cerr : std::cout);
    return words.empty() ? plimsoll::cli::kBadArguments : 0;
  }
  if (words[0] == "--version") {
    std::cout << PLIMSOLL_VERSION << '\n';
    return 0;
  }
  const auto* const found =
      std::find_if(kSubcommands.begin(), kSubcommands.end(),
                   [&](const Subcommand& each) { return each.name == words[0]; });
  if (found == kSubcommands.end()) {
    std::cerr << "error: no command '" << words[0] << "'\n\n";
    Usage(std::cerr);
    return plimsoll::cli::kBadArguments;
  }
  return found->run(Arguments(words).subspan(1), {std::cin, std::cout, std::cerr});
}
