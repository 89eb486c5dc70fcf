// SPDX-License-Identifier: Apache-2.0
//
// What the operator's stream asks of the rest of the agent, checked for shape. Called on gRPC's
// threads, one at a time; must not block.
#pragma once

#include <optional>
#include <string>

#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

class Commands {
 public:
  virtual ~Commands() = default;
  // The operator has said hello on a new stream.
  virtual void Connected() = 0;
  virtual void Watch(v1::WatchSet watch) = 0;
  virtual void Tune(v1::TuneCommand command) = 0;
  // The log dropped what the operator has taken in.
  virtual void Acknowledged() = 0;
};

// Bounds of what an operator may send. A node has at most some hundred containers.
inline constexpr int kMaxWatched = 4000;
inline constexpr int kMaxCommandBytes = 4 << 20;

// What is wrong with the command, naming the field and what is allowed; nullopt: nothing.
[[nodiscard]] std::optional<std::string> Complaint(const v1::WatchSet& watch);
[[nodiscard]] std::optional<std::string> Complaint(const v1::TuneCommand& command);

}  // namespace plimsoll::agent
