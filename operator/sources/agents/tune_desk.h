// SPDX-License-Identifier: Apache-2.0
//
// Sends a tuning call to the agent of a node and waits for its answer.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "advisor/base/result.h"
#include "advisor/base/time.h"
#include "advisor/rollout/step.h"
#include "operator/sources/agents/agent_pool.h"

namespace plimsoll::agents {

class TuneDesk {
 public:
  // `identity` of this operator process makes the command ids unique across restarts.
  explicit TuneDesk(std::string identity) : identity_(std::move(identity)) {}

  // Blocks for up to `timeout`. Errors: kInvalid with the app's or agent's own words when it was
  // refused; kRetryable when the node's agent is away, so that nothing was sent; kConflict when it
  // was sent and nobody knows what became of it: the app's stats will show.
  [[nodiscard]] Status Tune(AgentPool& pool, const std::string& node,
                            const std::string& container_id,
                            const std::vector<rollout::SettingValue>& settings, Duration timeout);

  // From the agents' listener.
  void OnResult(const v1::TuneResult& result);

 private:
  const std::string identity_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::uint64_t next_ = 0;
  struct Answer {
    std::string error;  // empty: done
    bool undecided = false;
  };
  std::map<std::string, std::optional<Answer>> waiting_;  // by command id
};

}  // namespace plimsoll::agents
