// SPDX-License-Identifier: Apache-2.0
//
// The numbered reports that the operator has not yet acknowledged, kept while no stream is up.
// Bounded by bytes: the oldest digests and runtime reports go first; an OOM event goes only when
// OOM events alone fill their own bound. Also the mailbox for what needs no replay: the newest
// urgent reading of each container and the newest node status. Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

struct ReportLogBounds {
  std::size_t bytes =
      2 << 20;  // digests, runtime reports and results: about an hour of 20 containers
  std::size_t oom_bytes = 1 << 20;  // OOM events: about 4000
};

class ReportLog {
 public:
  explicit ReportLog(ReportLogBounds bounds = {}) : bounds_(bounds) {}

  // Numbers `report` and keeps it until acknowledged.
  void Append(v1::Report report);
  // Replaces what was not yet sent of the same container.
  void Urgent(v1::Digest digest);
  void Status(v1::NodeStatus status);

  // Drops everything up to and including `cursor`. A cursor that was never given out is ignored.
  void Acknowledge(std::uint64_t cursor);

  // What to send next after position `after`, which it moves: numbered reports in their order, and
  // between any two of them one urgent reading or status, if there is one. nullopt: nothing.
  [[nodiscard]] std::optional<v1::Report> Next(std::uint64_t& after);

  // Reports after `cursor` that fell out of the buffer, or that could not be given out.
  [[nodiscard]] std::uint64_t LostSince(std::uint64_t cursor) const;
  // The last number given out; 0: none yet.
  [[nodiscard]] std::uint64_t Last() const;
  // Unacknowledged OOM events, oldest first: what a restart must not lose.
  [[nodiscard]] std::vector<v1::Oom> PendingOoms() const;

  // Called without locks held, from the thread that appends, whenever Next may have something new.
  // One listener at a time; an empty function takes it away.
  void OnNews(std::function<void()> listener);

 private:
  struct Entry {
    std::uint64_t cursor;
    std::string bytes;  // serialized: a tenth of the parsed message's memory
  };
  void Shrink(std::deque<Entry>& entries, std::size_t& size, std::size_t bound);
  [[nodiscard]] const Entry* FirstAfter(std::uint64_t cursor) const;
  void Notify();

  const ReportLogBounds bounds_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::deque<Entry> ooms_, others_;
  std::size_t oom_size_ = 0, other_size_ = 0;
  std::uint64_t dropped_ = 0;       // since the last acknowledgement
  std::uint64_t last_dropped_ = 0;  // cursor
  std::map<std::string, v1::Digest> urgent_;
  std::optional<v1::NodeStatus> status_;
  bool urgent_was_last_ = false;
  std::mutex listener_mutex_;
  std::function<void()> listener_;
};

}  // namespace plimsoll::agent
