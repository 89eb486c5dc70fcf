// SPDX-License-Identifier: Apache-2.0
//
// Why there is no talk with an agent, for the condition and the log that people read: what happened
// and what to do.
#pragma once

#include <grpcpp/support/status.h>

#include <optional>
#include <string>

#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agents {

// The one that this operator speaks.
inline constexpr unsigned kProtocolVersion = 1;

// What ended a stream, as a sentence about "it", the agent; gRPC's own text where no more is known.
[[nodiscard]] std::string ProblemOf(const grpc::Status& status);

// Nothing when the agent speaks our protocol; otherwise both versions and the remedy.
[[nodiscard]] std::optional<std::string> VersionProblem(const v1::Welcome& welcome,
                                                        const std::string& operator_version);

}  // namespace plimsoll::agents
