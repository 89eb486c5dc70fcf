// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/agent_stream.h"

#include <utility>

namespace plimsoll::agents {
namespace {

constexpr std::size_t kMaxWaitingTunes = 256;

}  // namespace

std::shared_ptr<AgentStream> AgentStream::Make(const std::shared_ptr<grpc::Channel>& channel,
                                               v1::Hello hello, Callbacks callbacks) {
  std::shared_ptr<AgentStream> stream(
      new AgentStream(v1::Agent::NewStub(channel), std::move(callbacks)));
  stream->weak_ = stream;
  *stream->hello_.emplace().mutable_hello() = std::move(hello);
  return stream;
}

void AgentStream::Begin() {
  const std::shared_ptr<AgentStream> self = weak_.lock();
  self_ = self;
  stub_->async()->Stream(&context_, this);
  // Writes start outside of reactions: the hold keeps OnDone away until reading has ended.
  AddHold();
  StartRead(&report_);
  {
    const std::lock_guard lock(mutex_);
    begun_ = true;
    WriteNextLocked();
  }
  StartCall();
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
  if (begun_ && !writing_) WriteNextLocked();
  return true;
}

void AgentStream::Cancel() {
  const std::lock_guard lock(mutex_);
  if (!closed_) context_.TryCancel();
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
  std::shared_ptr<AgentStream> self = std::move(self_);
  // By copy: the callbacks go with the stream.
  const auto on_done = callbacks_.on_done;
  on_done(status, std::move(self));
}

}  // namespace plimsoll::agents
