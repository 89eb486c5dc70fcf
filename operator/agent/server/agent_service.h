// SPDX-License-Identifier: Apache-2.0
//
// The gRPC side of the agent: one bidirectional stream to the operator's leader. Nothing here
// blocks: commands are handed on, reports are taken from the ReportLog one write at a time, so that
// a slow operator slows nothing but itself.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <string>

#include "operator/agent/server/commands.h"
#include "operator/agent/server/report_log.h"
#include "plimsoll/v1/agent.grpc.pb.h"

namespace plimsoll::agent {

inline constexpr std::uint32_t kProtocolVersion = 1;

struct AgentIdentity {
  std::string version;
  std::string instance;  // random, of this process
  std::string node_name;
  // Streams are refused unless the peer showed a certificate; false only with --insecure.
  bool require_certificate = true;
};

class AgentSession;

class AgentService final : public v1::Agent::CallbackService {
 public:
  // `log` and `commands` must outlive the server that this is registered with.
  AgentService(AgentIdentity identity, ReportLog& log, Commands& commands);
  ~AgentService() override;

  grpc::ServerBidiReactor<v1::Command, v1::Report>* Stream(
      grpc::CallbackServerContext* context) override;

  // Ends the open stream with UNAVAILABLE, and refuses new ones: the agent is going down.
  void Drain();

 private:
  friend class AgentSession;
  // `session` has said a good hello: it is the one now; an older one ends with ABORTED.
  void Promote(std::shared_ptr<AgentSession> session);
  void Forget(const AgentSession* session);
  [[nodiscard]] std::shared_ptr<AgentSession> Current();

  const AgentIdentity identity_;
  ReportLog& log_;
  Commands& commands_;
  std::mutex mutex_;
  std::shared_ptr<AgentSession> current_;
  int open_streams_ = 0;
  bool draining_ = false;
};

}  // namespace plimsoll::agent
