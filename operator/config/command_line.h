// SPDX-License-Identifier: Apache-2.0
//
// The command line as every program of ours takes it. Whoever adds a flag behind others (the
// chart's extraArgs, a wrapper script) means it to win, so the last of a flag counts; and a value
// that was taken away leaves --FLAG= behind, which is the empty text. Boost.Program_options refuses
// both by itself.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <vector>

namespace plimsoll::config {

// Parses `arguments` after `flags`. Words without a flag are taken after `words`; when that is
// empty they are left in the result, where collect_unrecognized finds them. Of a flag that takes
// one value the last is kept, of one that collects several (composing, multitoken) all are. --FLAG=
// is an empty text where the flag takes text; where it takes anything else (a number, true or
// false) it is refused. Throws boost::program_options::error, whose text names the flag. The result
// refers to `flags`.
[[nodiscard]] boost::program_options::parsed_options ReadCommandLine(
    const std::vector<std::string>& arguments,
    const boost::program_options::options_description& flags,
    const boost::program_options::positional_options_description& words = {});

}  // namespace plimsoll::config
