// SPDX-License-Identifier: Apache-2.0
//
// The agent's memory across a kill -9: one file, `agent-state`, in the state directory, replaced by
// rename. What the page cache holds survives the death of a process, so nothing is forced to disk:
// after a crash of the whole node the file may be some seconds old, and its containers are gone.
#pragma once

#include <string>

#include "advisor/base/result.h"
#include "plimsoll/v1/agent_state.pb.h"

namespace plimsoll::agent {

class StateFile {
 public:
  // `dir` must exist and be writable; empty: nothing is kept. Errors: kInvalid naming --state-dir.
  [[nodiscard]] static Result<StateFile> Open(const std::string& dir);

  // What the last process saved; an empty state when there is none, when it is damaged (told in the
  // log) or of a larger size than any that we write. After a reboot only its unacknowledged events.
  [[nodiscard]] v1::AgentState Load() const;
  // Fills in boot id and time. Errors: kInternal, kForbidden: disk full, directory gone.
  [[nodiscard]] Status Save(v1::AgentState state) const;

 private:
  StateFile(std::string path, std::string boot_id)
      : path_(std::move(path)), boot_id_(std::move(boot_id)) {}
  std::string path_;  // empty: nothing is kept
  std::string boot_id_;
};

}  // namespace plimsoll::agent
