// SPDX-License-Identifier: Apache-2.0
//
// Runs a program to its end and takes what it prints.
#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"

namespace plimsoll::kube {

struct ProgramOutput {
  int exit_code = 0;
  std::string out = {};  // at most 1 MiB of each is kept
  std::string err = {};
};

// `environment` is added to our own, as it was before HideSystemRoots. Standard input is empty.
// kNotFound when there is no such program, kRetryable when it was killed after `timeout`, kCanceled
// when it was by `stop`. What it started itself is killed with it.
[[nodiscard]] Result<ProgramOutput> RunProgram(
    const std::string& command, const std::vector<std::string>& args,
    const std::vector<std::pair<std::string, std::string>>& environment, Duration timeout,
    std::stop_token stop = {});

}  // namespace plimsoll::kube
