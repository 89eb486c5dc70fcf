// SPDX-License-Identifier: Apache-2.0
//
// `kubectl plimsoll replay --trace FILE.csv`: what each engine would have done with a user's own
// containers.
#pragma once

#include "operator/cli/command.h"

namespace plimsoll::cli {

int ReplayCommand(Arguments arguments, const Streams& streams);

}  // namespace plimsoll::cli
