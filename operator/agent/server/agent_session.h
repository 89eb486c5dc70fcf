// SPDX-License-Identifier: Apache-2.0
//
// One stream: hello and welcome, then commands in and reports out.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <mutex>
#include <optional>

#include "operator/agent/server/agent_service.h"

namespace plimsoll::agent {

class AgentSession final : public grpc::ServerBidiReactor<v1::Command, v1::Report>,
                           public std::enable_shared_from_this<AgentSession> {
 public:
  explicit AgentSession(AgentService& service) : service_(service) {}

  // Keeps itself alive until OnDone, and starts reading.
  void Start();
  // Sends the next report unless a write is under way; called whenever there may be one.
  void Pump();
  // Ends the stream as soon as the write under way is done. The first status given counts.
  void End(grpc::Status status);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  [[nodiscard]] grpc::Status Take(v1::Command& command);
  [[nodiscard]] grpc::Status TakeHello(const v1::Hello& hello);
  // Finishes if it is time to. Needs mutex_.
  void FinishIfIdle();

  AgentService& service_;
  std::shared_ptr<AgentSession> self_;
  v1::Command in_;  // touched by the read chain only

  std::mutex mutex_;
  v1::Report out_;
  std::uint64_t position_ = 0;
  bool welcomed_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> ending_;
};

}  // namespace plimsoll::agent
