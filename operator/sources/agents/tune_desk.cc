// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/tune_desk.h"

namespace plimsoll::agents {

Status TuneDesk::Tune(AgentPool& pool, const std::string& node, const std::string& container_id,
                      const std::vector<rollout::SettingValue>& settings, Duration timeout) {
  v1::TuneCommand command;
  command.set_container_id(container_id);
  for (const rollout::SettingValue& setting : settings) {
    v1::Setting* out = command.mutable_request()->add_settings();
    out->set_name(setting.name);
    out->set_number(setting.number);
  }
  {
    const std::lock_guard lock(mutex_);
    command.set_id(identity_ + "/" + std::to_string(++next_));
    waiting_[command.id()] = std::nullopt;
  }
  const std::string id = command.id();
  const Status sent = pool.Tune(node, std::move(command));
  std::unique_lock lock(mutex_);
  if (sent) answered_.wait_for(lock, timeout, [&] { return waiting_.at(id).has_value(); });
  const std::optional<Answer> answer = waiting_.extract(id).mapped();
  if (!sent) return sent;
  if (!answer) {
    return Fail(ErrorCode::kConflict, "the agent of node " + node + " has not answered yet");
  }
  if (answer->error.empty()) return {};
  return Fail(answer->undecided ? ErrorCode::kConflict : ErrorCode::kInvalid, answer->error);
}

void TuneDesk::OnResult(const v1::TuneResult& result) {
  {
    const std::lock_guard lock(mutex_);
    const auto waiting = waiting_.find(result.id());
    if (waiting == waiting_.end()) return;  // given up, or of an earlier life
    waiting->second = Answer{.error = result.error(), .undecided = result.undecided()};
  }
  answered_.notify_all();
}

}  // namespace plimsoll::agents
