// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/agent_service.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "operator/agent/server/agent_session.h"

namespace plimsoll::agent {
namespace {

// The leader, one that takes over, and room for streams whose peer has died unnoticed.
constexpr int kMaxStreams = 8;

// A stream that is refused before it began.
class Refusal final : public grpc::ServerBidiReactor<v1::Command, v1::Report> {
 public:
  explicit Refusal(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

AgentService::AgentService(AgentIdentity identity, ReportLog& log, Commands& commands)
    : identity_(std::move(identity)), log_(log), commands_(commands) {
  log_.OnNews([this] {
    if (const std::shared_ptr<AgentSession> session = Current()) session->Pump();
  });
}

AgentService::~AgentService() { log_.OnNews({}); }

grpc::ServerBidiReactor<v1::Command, v1::Report>* AgentService::Stream(
    grpc::CallbackServerContext* context) {
  if (identity_.require_certificate && !context->auth_context()->IsPeerAuthenticated()) {
    return new Refusal(grpc::Status(grpc::StatusCode::UNAUTHENTICATED,
                                    "a client certificate of the operator's authority is needed"));
  }
  {
    const std::lock_guard lock(mutex_);
    if (draining_) {
      return new Refusal(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the agent is stopping"));
    }
    if (open_streams_ >= kMaxStreams) {
      return new Refusal(grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                      "8 streams are open: only one operator leads"));
    }
    ++open_streams_;
  }
  const auto session = std::make_shared<AgentSession>(*this);
  session->Start();
  return session.get();
}

void AgentService::Promote(std::shared_ptr<AgentSession> session) {
  std::shared_ptr<AgentSession> older;
  {
    const std::lock_guard lock(mutex_);
    older = std::exchange(current_, std::move(session));
  }
  if (older) {
    spdlog::info("a newer stream has taken over");
    older->End(grpc::Status(grpc::StatusCode::ABORTED, "a newer stream has taken over"));
  }
}

void AgentService::Forget(const AgentSession* session) {
  std::shared_ptr<AgentSession> gone;
  const std::lock_guard lock(mutex_);
  --open_streams_;
  if (current_.get() == session) gone = std::move(current_);
}

std::shared_ptr<AgentSession> AgentService::Current() {
  const std::lock_guard lock(mutex_);
  return current_;
}

void AgentService::Drain() {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
  }
  if (const std::shared_ptr<AgentSession> session = Current()) {
    session->End(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the agent is stopping"));
  }
}

}  // namespace plimsoll::agent
