// SPDX-License-Identifier: Apache-2.0
//
// Runs a credential program as kubectl does: ExecCredential on its standard output.
#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "operator/kube/config.h"

namespace plimsoll::kube {

struct ExecCredential {
  std::string token = {};  // "" when the program gave a certificate
  std::string certificate_pem = {};
  std::string key_pem = {};
  std::optional<TimePoint> expires = {};  // nothing: good until refused
};

// Blocks for at most `timeout` or until `stop`; the program is killed then, with all it started.
// Errors carry its standard error, and the install hint when it is not there; kCanceled: stopped.
[[nodiscard]] Result<ExecCredential> RunExecPlugin(const ExecPlugin& plugin,
                                                   const ClusterConfig& cluster,
                                                   Duration timeout = std::chrono::seconds(60),
                                                   std::stop_token stop = {});

// Reads the program's answer.
[[nodiscard]] Result<ExecCredential> ParseExecCredential(std::string_view output,
                                                         const std::string& api_version);

}  // namespace plimsoll::kube
