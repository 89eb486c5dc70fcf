// SPDX-License-Identifier: Apache-2.0
//
// Each kill exactly once. A container's kills are numbered from 1; the kernel's counter says how
// many there are, the kernel's log says of each what it was, and they come in any order, or one of
// them never. A kill exists when either has told of it, so the count is the larger of the two.
//
// A kill known by the counter alone happened between two looks at the counter. Which line is its is
// told by time, but the log's clock drifts from the wall's for as long as the machine is up: NTP
// does not slew it, 10 ppm make 2 s in 55 hours. So where the counter was taken in just before the
// line, the line belongs to the nearest kill without one, however far: were it of a further kill,
// the counter would have told of that one as well. Only where the counter cannot be read must they
// be within two seconds, by the log's clock or by when we heard of both; else it is a further kill.
//
// Pure: no clock, no files. What it needs to go on after a restart is what Save gives.
//
// A pod's own kills have no counter here; each is known by its line's moment. Their numbers would
// begin again after a reboot, which a container does not outlive and a pod does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/time.h"
#include "operator/agent/oom/classify.h"
#include "operator/agent/oom/kernel_kill.h"
#include "plimsoll/v1/agent_state.pb.h"

namespace plimsoll::agent {

// Whose kill it is: a container, or a pod when the log names no container of it.
struct KillOwner {
  std::string pod_uid;
  std::string container_id;
  [[nodiscard]] const std::string& key() const {
    return container_id.empty() ? pod_uid : container_id;
  }
};

struct PendingKill {
  KillOwner owner;
  std::uint64_t ordinal = 0;  // which kill of its owner, from 1
  TimePoint time{};
  TimePoint not_before{};               // it happened between this and `time`
  std::optional<TimePoint> earliest{};  // set when found after the fact: not_before, to be told
  std::vector<std::string> sources;
  std::optional<KernelKill> log{};
  OomLevel level_by_counters = OomLevel::kContainer;
  Instant noticed{};

  [[nodiscard]] std::string Id() const {
    const bool by_line = owner.container_id.empty() && log.has_value();
    return owner.key() + "/" + std::to_string(by_line ? log->usec : ordinal);
  }
};

class KillLedger {
 public:
  // What the counter `source` ("memory.events", "oom_control") tells.
  struct Count {
    std::uint64_t kills = 0;
    std::string source;
    TimePoint wall{};
    Instant now{};
    std::optional<TimePoint> earliest{};  // when this count is the first since then
    OomLevel level = OomLevel::kContainer;
  };
  void Counted(const KillOwner& owner, const Count& count);

  // A kill from the kernel's log, at wall time `wall` by the log's clock. `counted`: the owner's
  // counter, which counts such kills, was read and taken in just before.
  void Logged(const KillOwner& owner, const KernelKill& kill, TimePoint wall, Instant now,
              bool counted);

  // The kills that are not settled yet; the caller takes out what it settles.
  [[nodiscard]] const std::vector<PendingKill>& pending() const { return pending_; }
  [[nodiscard]] PendingKill Take(std::size_t index);

  // What was settled; what is pending is found again in the log and in the counters.
  void Restore(const v1::AgentState& state);
  void Save(v1::AgentState& state) const;
  // Forgets owners that `keep` does not want and whose last kill is older than `before`; of the
  // rest at most 2000, the ones with the newest kills.
  template <class Keep>
  void Prune(TimePoint before, Keep keep) {
    std::erase_if(entries_, [&](const auto& entry) {
      return !keep(entry.first) && entry.second.last_kill < before && !IsPending(entry.first);
    });
    PruneToBound();
  }

 private:
  // Taken out without a log line, which may still come, or came and would come again after a
  // restart now: lines are read again from the oldest one whose kill is pending.
  struct Unlogged {
    std::uint64_t ordinal = 0;
    TimePoint from{}, to{};
    Instant noticed = Instant::min();  // before a restart: long ago
    std::uint64_t line_usec = 0;       // of the line that came; 0: none
  };
  struct Entry {
    KillOwner owner;
    std::uint64_t issued = 0;        // kills numbered so far
    std::uint64_t settled = 0;       // of these, taken out
    std::uint64_t log_usec = 0;      // newest log line that was taken in
    std::uint64_t settled_usec = 0;  // of these, the newest whose kill was taken out
    TimePoint last_kill{};
    std::optional<TimePoint> counted{};  // when the counter was last looked at
    std::vector<Unlogged> unlogged;      // by ordinal
  };
  // Gives the line to the nearest kill without one, the oldest of several; false when there is none
  // or, unless `counted`, none near enough.
  [[nodiscard]] bool Attach(Entry& entry, const KernelKill& log, TimePoint wall, Instant now,
                            bool counted);
  // Gives the line to a kill that is told already, which needs it only to be known as the same
  // later.
  void AttachToSent(Entry& entry, Unlogged& sent, const KernelKill& log, TimePoint wall);
  // Lines of this owner up to here need not be read again.
  [[nodiscard]] std::uint64_t SettledUsec(const Entry& entry) const;
  [[nodiscard]] bool IsPending(std::string_view key) const;
  void PruneToBound();
  PendingKill& Issue(Entry& entry, TimePoint time, Instant now);

  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<PendingKill> pending_;
};

}  // namespace plimsoll::agent
