// SPDX-License-Identifier: Apache-2.0
//
// `kubectl plimsoll advise -`: the advisor as a filter. JSON Lines in, in time order; one line out
// for every `advise`.
#pragma once

#include "operator/cli/command.h"

namespace plimsoll::cli {

int AdviseCommand(Arguments arguments, const Streams& streams);

}  // namespace plimsoll::cli
