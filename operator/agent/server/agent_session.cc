// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/server/agent_session.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

namespace plimsoll::agent {
namespace {

grpc::Status Malformed(const std::string& complaint) {
  return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, complaint);
}

}  // namespace

void AgentSession::Start() {
  self_ = shared_from_this();
  StartRead(&in_);
}

void AgentSession::OnReadDone(bool ok) {
  if (!ok) return End(grpc::Status::OK);  // the operator closed its side, or is gone
  const grpc::Status taken = Take(in_);
  if (!taken.ok()) return End(taken);
  StartRead(&in_);
}

grpc::Status AgentSession::Take(v1::Command& command) {
  bool welcomed = false;
  {
    const std::lock_guard lock(mutex_);
    welcomed = welcomed_;
  }
  if (command.kind_case() == v1::Command::kHello) {
    return welcomed ? Malformed("hello may be said only once") : TakeHello(command.hello());
  }
  if (!welcomed) return Malformed("the first command must be hello");
  switch (command.kind_case()) {
    case v1::Command::kWatch:
      if (const auto complaint = Complaint(command.watch())) return Malformed(*complaint);
      service_.commands_.Watch(std::move(*command.mutable_watch()));
      return grpc::Status::OK;
    case v1::Command::kTune:
      if (const auto complaint = Complaint(command.tune())) return Malformed(*complaint);
      service_.commands_.Tune(std::move(*command.mutable_tune()));
      return grpc::Status::OK;
    case v1::Command::kAck:
      service_.log_.Acknowledge(command.ack().cursor());
      service_.commands_.Acknowledged();
      return grpc::Status::OK;
    default:
      return grpc::Status::OK;  // a newer operator's command: not for us
  }
}

grpc::Status AgentSession::TakeHello(const v1::Hello& hello) {
  if (hello.protocol_version() == 0) return Malformed("hello.protocol_version must be set");
  if (hello.protocol_version() > kProtocolVersion) {
    return grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                        "operator " + hello.operator_version() + " speaks agent protocol " +
                            std::to_string(hello.protocol_version()) + ", agent " +
                            service_.identity_.version + " speaks " +
                            std::to_string(kProtocolVersion) +
                            ": update the agents, or run the same version on both sides");
  }
  ReportLog& log = service_.log_;
  const bool resumes =
      hello.agent_instance() == service_.identity_.instance && hello.cursor() <= log.Last();
  const std::uint64_t from = resumes ? hello.cursor() : 0;
  // Counted before the acknowledgement forgets.
  const std::uint64_t lost = log.LostSince(from);
  if (resumes) log.Acknowledge(from);
  service_.Promote(shared_from_this());
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return *ending_;
    position_ = from;
    welcomed_ = true;
    writing_ = true;
    out_.Clear();
    v1::Welcome& welcome = *out_.mutable_welcome();
    welcome.set_protocol_version(hello.protocol_version());
    welcome.set_agent_version(service_.identity_.version);
    welcome.set_agent_instance(service_.identity_.instance);
    welcome.set_node_name(service_.identity_.node_name);
    welcome.set_lost_digests(lost);
    StartWrite(&out_);
  }
  spdlog::info("operator {} connected, resuming after report {} ({} lost)",
               hello.operator_version(), from, lost);
  service_.commands_.Connected();
  return grpc::Status::OK;
}

void AgentSession::Pump() {
  const std::lock_guard lock(mutex_);
  if (!welcomed_ || writing_ || ending_) return;
  std::optional<v1::Report> next = service_.log_.Next(position_);
  if (!next) return;
  out_ = *std::move(next);
  writing_ = true;
  StartWrite(&out_);
}

void AgentSession::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok && !ending_) ending_ = grpc::Status::OK;
    FinishIfIdle();
  }
  Pump();
}

void AgentSession::End(grpc::Status status) {
  const std::lock_guard lock(mutex_);
  if (!ending_) ending_ = std::move(status);
  FinishIfIdle();
}

void AgentSession::FinishIfIdle() {
  if (!ending_ || writing_ || finished_) return;
  finished_ = true;
  Finish(*ending_);
}

void AgentSession::OnCancel() { End(grpc::Status::CANCELLED); }

void AgentSession::OnDone() {
  service_.Forget(this);
  self_.reset();  // may delete this
}

}  // namespace plimsoll::agent
