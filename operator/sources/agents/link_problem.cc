// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/link_problem.h"

#include <fmt/format.h>

#include <string_view>

namespace plimsoll::agents {
namespace {

struct Known {
  std::string_view part;  // of gRPC's or OpenSSL's text
  std::string_view means;
};

constexpr Known kKnown[] = {
    {"certificate verify failed",
     "its certificate is not of the operator's authority; delete the agent's pod, and if that does "
     "not help the TLS secrets of both, which are then made anew"},
    {"wrong version number",
     "it serves without TLS; start it with --tls-dir, as the chart does, and not with --insecure"},
    // In TLS 1.3 a refused client certificate looks like this, and so does a process that ends.
    {"Socket closed",
     "it closed the connection; if this stays, it does not trust the operator's certificate (its "
     "log says so): delete the agent's pod, and if that does not help the TLS secrets of both, "
     "which are then made anew"},
};

}  // namespace

std::string ProblemOf(const grpc::Status& status) {
  if (status.ok()) return "it ended the stream";
  const std::string& text = status.error_message();
  for (const Known& known : kKnown) {
    if (text.find(known.part) == std::string::npos) continue;
    return fmt::format("{} ({})", known.means, text);
  }
  return text;
}

std::optional<std::string> VersionProblem(const v1::Welcome& welcome,
                                          const std::string& operator_version) {
  if (welcome.protocol_version() == kProtocolVersion) return std::nullopt;
  return fmt::format(
      "agent {} speaks agent protocol {}, operator {} speaks {}: run the same version of both "
      "(helm upgrade brings it)",
      welcome.agent_version().empty() ? "of unknown version" : welcome.agent_version(),
      welcome.protocol_version(), operator_version, kProtocolVersion);
}

}  // namespace plimsoll::agents
