// SPDX-License-Identifier: Apache-2.0
//
// What other threads ask of the sampling thread. Kept until it is taken; only the newest watch set
// counts. Wakes that thread by an eventfd.
#pragma once

#include <mutex>
#include <optional>

#include "operator/agent/base/fd.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

class Inbox {
 public:
  struct Mail {
    std::optional<v1::WatchSet> watch;  // the containers to watch from now on
    bool greet = false;                 // an operator has connected: send a NodeStatus
    bool remember = false;              // the operator has taken reports in: write the state down
  };

  Inbox();
  // False when the kernel gave no eventfd; then nothing would ever be heard.
  [[nodiscard]] bool valid() const { return event_.valid(); }
  // Readable when there is mail, or after Wake.
  [[nodiscard]] int fd() const { return event_.get(); }

  // From any thread; all return at once.
  void Watch(v1::WatchSet watch);
  void Greet();
  void Remember();
  void Wake() const;

  // Everything that came since the last time.
  [[nodiscard]] Mail Take();

 private:
  Fd event_;
  std::mutex mutex_;
  Mail mail_;
};

}  // namespace plimsoll::agent
