// SPDX-License-Identifier: Apache-2.0
//
// Sends tuning calls to the agents of nodes and brings each its answer; nobody waits for one. A
// call ends in one of three ways: the agent's result, the end of its time, or our own end.
#pragma once

#include <cstdint>
#include <functional>
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
  // On any thread; must not block. Errors: kInvalid with the app's or agent's own words when it was
  // refused; kConflict when it was sent and nobody knows what became of it: the app's stats will
  // show.
  using Answered = std::function<void(const Status&)>;

  // `identity` of this operator process makes the command ids unique across restarts.
  explicit TuneDesk(std::string identity) : identity_(std::move(identity)) {}

  // Returns at once. `answered` is called once, maybe before this returns; never after an error
  // here: kRetryable when the node's agent is away or we have ended, so that nothing was sent.
  [[nodiscard]] Status Send(AgentPool& pool, const std::string& node,
                            const std::string& container_id,
                            const std::vector<rollout::SettingValue>& settings, Instant deadline,
                            Answered answered);

  // From the agents' listener. Another node's agent than the one that was told is not believed.
  void OnResult(const std::string& node, const v1::TuneResult& result);
  // Answers what has waited until its deadline; to be called every second or so.
  void Expire(Instant now);
  // Answers all that waits; from then on nothing is sent.
  void Close();

 private:
  struct Call {
    std::string node;
    Instant deadline;
    Answered answered;
  };
  std::optional<Call> Take(const std::string& id, const std::string& node);

  const std::string identity_;
  std::mutex mutex_;
  std::uint64_t next_ = 0;
  bool closed_ = false;
  std::map<std::string, Call> waiting_;  // by command id
};

}  // namespace plimsoll::agents
