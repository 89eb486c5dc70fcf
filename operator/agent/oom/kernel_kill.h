// SPDX-License-Identifier: Apache-2.0
//
// Puts the kernel's lines about one out-of-memory kill together. The kernel writes, under one lock,
//   app invoked oom-killer: gfp_mask=…
//   memory: usage 65536kB, limit 65536kB, failcnt 83
//   oom-kill:constraint=CONSTRAINT_MEMCG,…,oom_memcg=/a,task_memcg=/a/b,task=app,pid=7,uid=0
//   Memory cgroup out of memory: Killed process 7 (app) …
// and after ten kills in five seconds only the last line of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "advisor/base/units.h"
#include "operator/agent/oom/kernel_log.h"

namespace plimsoll::agent {

struct KernelKill {
  std::uint64_t usec = 0;        // of the last line
  bool by_cgroup = false;        // a cgroup's limit; else the whole node's memory
  std::string oom_cgroup;        // whose limit was hit; empty unless by_cgroup
  std::string task_cgroup;       // the victim's
  std::string victim;            // its name
  int pid = 0;                   // in the first PID namespace
  std::optional<Bytes> limit{};  // of oom_cgroup, at the kill
  std::optional<Bytes> usage{};
};

class KernelKillParser {
 public:
  // Feeds one line; the kill when this line completes one. Lines about a kill of which the cgroups
  // were not written are passed over: the counters tell of it.
  [[nodiscard]] std::optional<KernelKill> Feed(const KernelLine& line);

 private:
  std::optional<Bytes> limit_, usage_;  // of the report being written
  std::optional<KernelKill> named_;     // cgroups and victim known, kill not yet said
};

}  // namespace plimsoll::agent
