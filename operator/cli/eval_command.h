// SPDX-License-Identifier: Apache-2.0
//
// `kubectl plimsoll eval`: the tables of docs/evaluation.md, made again by one command.
#pragma once

#include "operator/cli/command.h"

namespace plimsoll::cli {

int EvalCommand(Arguments arguments, const Streams& streams);

}  // namespace plimsoll::cli
