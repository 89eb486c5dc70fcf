// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/agent_stream.h"

#include <utility>

namespace plimsoll::agents {
namespace {

constexpr std::size_t kMaxWaitingTunes = 256;

}  // namespace

std::shared_ptr<AgentStream> AgentStream::Start(const std::shared_ptr<grpc::Channel>& channel,
                                                v1::Hello hello, Callbacks callbacks) {
  std::shared_ptr<AgentStream> stream(
      new AgentStream(v1::Agent::NewStub(channel), std::move(callbacks)));
  stream->self_ = stream;
  *stream->hello_.emplace().mutable_hello() = std::move(hello);
  stream->stub_->async()->Stream(&stream->context_, stream.get());
  // Writes start outside of reactions: the hold keeps OnDone away until reading has ended.
  stream->AddHold();
  stream->StartRead(&stream->report_);
  {
    const std::lock_guard lock(stream->mutex_);
    stream->WriteNextLocked();
  }
  stream->StartCall();
  return stream;
}

AgentStream::AgentStream(std::unique_ptr<v1::Agent::Stub> stub, Callbacks callbacks)
    : stub_(std::move(stub)), callbacks_(std::move(callbacks)) {}

bool AgentStream::Send(v1::Command command) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  switch (command.kind_case()) {
    case v1::Command::kWatch:
      watch_ = std::move(command);
      break;
    case v1::Command::kAck:
      ack_ = std::move(command);
      break;
    case v1::Command::kTune:
      if (tunes_.size() >= kMaxWaitingTunes) return false;
      tunes_.push_back(std::move(command));
      break;
    case v1::Command::kHello:
    case v1::Command::KIND_NOT_SET:
      return false;
  }
  if (!writing_) WriteNextLocked();
  return true;
}

void AgentStream::WriteNextLocked() {
  const auto take = [this](std::optional<v1::Command>& waiting) {
    if (!waiting) return false;
    current_ = std::move(*waiting);
    waiting.reset();
    return true;
  };
  if (!take(hello_) && !take(watch_) && !take(ack_)) {
    if (tunes_.empty()) return;
    current_ = std::move(tunes_.front());
    tunes_.pop_front();
  }
  writing_ = true;
  StartWrite(&current_);
}

void AgentStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  if (ok && !closed_) WriteNextLocked();
}

void AgentStream::OnReadDone(bool ok) {
  if (ok) {
    callbacks_.on_report(report_);
    StartRead(&report_);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  RemoveHold();
}

void AgentStream::OnDone(const grpc::Status& status) {
  const std::shared_ptr<AgentStream> self = std::move(self_);
  callbacks_.on_done(status);
}

}  // namespace plimsoll::agents
