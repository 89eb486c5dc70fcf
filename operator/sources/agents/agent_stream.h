// SPDX-License-Identifier: Apache-2.0
//
// One call to one agent: commands down, reports up, on gRPC's callback API. At most one write is
// under way; of WatchSets and Acks that wait only the newest is kept, so a slow agent never makes a
// queue grow.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "plimsoll/v1/agent.grpc.pb.h"

namespace plimsoll::agents {

class AgentStream final : public grpc::ClientBidiReactor<v1::Command, v1::Report> {
 public:
  struct Callbacks {
    // On gRPC's threads, one at a time; must not block.
    std::function<void(const v1::Report&)> on_report;
    // Last of all; nothing is called after it. Gets what kept the stream alive: it must be let go
    // of on another thread, since with the last stream goes its channel, and with the last channel
    // gRPC 1.51 joins the very threads that call this.
    std::function<void(const grpc::Status&, std::shared_ptr<AgentStream>)> on_done;
  };

  [[nodiscard]] static std::shared_ptr<AgentStream> Make(
      const std::shared_ptr<grpc::Channel>& channel, v1::Hello hello, Callbacks callbacks);
  // Once. From then on the stream keeps itself alive until on_done.
  void Begin();

  // False when the stream has ended, or 256 tuning commands wait already.
  bool Send(v1::Command command);
  // Does nothing once the stream has ended: gRPC 1.51 aborts when a finished call is cancelled.
  void Cancel();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;

 private:
  AgentStream(std::unique_ptr<v1::Agent::Stub> stub, Callbacks callbacks);
  void WriteNextLocked();

  std::unique_ptr<v1::Agent::Stub> stub_;
  grpc::ClientContext context_;
  Callbacks callbacks_;
  v1::Report report_;
  std::weak_ptr<AgentStream> weak_;
  std::shared_ptr<AgentStream> self_;

  std::mutex mutex_;
  bool begun_ = false;
  bool writing_ = false;
  bool closed_ = false;
  v1::Command current_;
  std::optional<v1::Command> hello_;
  std::optional<v1::Command> watch_;
  std::optional<v1::Command> ack_;
  std::deque<v1::Command> tunes_;
};

}  // namespace plimsoll::agents
