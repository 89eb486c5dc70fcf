// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/tune_desk.h"

#include <utility>

namespace plimsoll::agents {

Status TuneDesk::Send(AgentPool& pool, const std::string& node, const std::string& container_id,
                      const std::vector<rollout::SettingValue>& settings, Instant deadline,
                      Answered answered) {
  v1::TuneCommand command;
  command.set_container_id(container_id);
  for (const rollout::SettingValue& setting : settings) {
    v1::Setting* out = command.mutable_request()->add_settings();
    out->set_name(setting.name);
    out->set_number(setting.number);
  }
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Fail(ErrorCode::kRetryable, "this replica tells agents nothing any more");
    command.set_id(identity_ + "/" + std::to_string(++next_));
    waiting_.emplace(command.id(), Call{node, deadline, std::move(answered)});
  }
  const std::string id = command.id();
  const Status sent = pool.Tune(node, std::move(command));
  // What Expire or Close has answered meanwhile is answered.
  if (!sent && Take(id, node)) return sent;
  return {};
}

void TuneDesk::OnResult(const std::string& node, const v1::TuneResult& result) {
  const std::optional<Call> call = Take(result.id(), node);
  if (!call) return;  // given up, of an earlier life, or not this node's to tell
  if (result.error().empty()) return call->answered({});
  call->answered(
      Fail(result.undecided() ? ErrorCode::kConflict : ErrorCode::kInvalid, result.error()));
}

void TuneDesk::Expire(Instant now) {
  std::vector<Call> late;
  {
    const std::lock_guard lock(mutex_);
    for (auto call = waiting_.begin(); call != waiting_.end();) {
      const auto next = std::next(call);
      if (call->second.deadline <= now) late.push_back(waiting_.extract(call).mapped());
      call = next;
    }
  }
  for (const Call& call : late) {
    call.answered(
        Fail(ErrorCode::kConflict, "the agent of node " + call.node + " has not answered yet"));
  }
}

void TuneDesk::Close() {
  std::map<std::string, Call> waiting;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting.swap(waiting_);
  }
  for (const auto& [id, call] : waiting) {
    call.answered(Fail(ErrorCode::kConflict, "the operator ended before the answer came"));
  }
}

std::optional<TuneDesk::Call> TuneDesk::Take(const std::string& id, const std::string& node) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(id);
  if (found == waiting_.end() || found->second.node != node) return std::nullopt;
  return waiting_.extract(found).mapped();
}

}  // namespace plimsoll::agents
