// SPDX-License-Identifier: Apache-2.0
//
// epoll with names: descriptors are added under a key and their events come back as that key. A
// descriptor that has been closed, or whose key was dropped, never comes back, even if its events
// were already waiting.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "advisor/base/time.h"
#include "operator/agent/base/fd.h"

namespace plimsoll::agent {

class Poller {
 public:
  enum class What { kInbox, kKernelLog, kEvents, kWake };
  struct Key {
    What what = What::kInbox;
    std::string container_id;  // empty for kInbox and kKernelLog
  };

  Poller();

  // `priority`: waits for EPOLLPRI (cgroup v2 files, pressure triggers) instead of EPOLLIN. `once`:
  // comes back only once until Rearm. Returns the token for Rearm and Drop.
  std::uint64_t Add(int fd, Key key, bool priority, bool once);
  void Rearm(std::uint64_t token);
  void Drop(std::uint64_t token);

  struct Event {
    std::uint64_t token = 0;
    Key key;
    int fd = -1;
  };
  // Waits at most `timeout`; at most 64 events at a time.
  [[nodiscard]] std::vector<Event> Wait(Duration timeout);

 private:
  struct Entry {
    int fd;
    Key key;
    std::uint32_t events;
  };
  Fd epoll_;
  std::uint64_t last_token_ = 0;
  std::unordered_map<std::uint64_t, Entry> entries_;
};

}  // namespace plimsoll::agent
