// SPDX-License-Identifier: Apache-2.0
//
// Gathers one container's readings into the digest of a window (15 s), and remembers the last five
// seconds of hard memory across windows: rise is the largest growth within any 5 s.
#pragma once

#include <deque>
#include <optional>

#include "advisor/base/time.h"
#include "advisor/base/units.h"
#include "operator/agent/cgroup/reading.h"
#include "plimsoll/v1/agent.pb.h"

namespace plimsoll::agent {

// What is read once a window rather than once a second.
struct WindowEnd {
  EventCounts events{};
  std::optional<PressureTotals> pressure{};
  std::optional<Bytes> kernel_peak{};
  std::optional<Bytes> pod_limit{};
};

class Window {
 public:
  // `events` and `pressure` are the counters at the window's start.
  Window(TimePoint start, EventCounts events, std::optional<PressureTotals> pressure)
      : start_(start), events_(events), pressure_(pressure) {}

  void Add(TimePoint wall, Instant now, const MemoryReading& reading);

  [[nodiscard]] bool empty() const { return samples_ == 0; }
  [[nodiscard]] TimePoint start() const { return start_; }
  // The event counters at the window's start.
  [[nodiscard]] const EventCounts& events() const { return events_; }
  [[nodiscard]] const MemoryReading& last() const { return last_; }

  // Growth of hard over the last 5 s: newest minus the lowest of these 5 s. 0 before two readings.
  [[nodiscard]] Bytes RecentRise() const;
  // Growth per second of hard between the newest reading and the one closest to 0.3 s before it;
  // nullopt when there is none at least 40 ms older, and while falling.
  [[nodiscard]] std::optional<BytesPerSecond> RecentRate() const;

  // The digest of what was added since the start, and a fresh window. Only when not empty.
  [[nodiscard]] v1::Digest Take(TimePoint end, const WindowEnd& at_end);
  // One reading as an urgent digest; the window goes on.
  [[nodiscard]] v1::Digest Urgent(TimePoint wall, std::optional<Bytes> pod_limit) const;

 private:
  struct Point {
    Instant at;
    Bytes hard;
  };

  TimePoint start_;
  EventCounts events_;
  std::optional<PressureTotals> pressure_;
  std::uint32_t samples_ = 0;
  Bytes hard_peak_{}, rise_{};
  // Integrals over time, so that readings taken closer together do not weigh more.
  double hard_sum_ = 0, soft_sum_ = 0, seconds_ = 0;
  bool censored_ = false;
  bool boundary_moved_ = false;  // limit or high changed: which of them cut off is not told
  std::optional<std::uint64_t> refaults_start_{};
  MemoryReading last_{};
  std::deque<Point> recent_;  // at most the last 5 s
};

// True when what was read is cut off by the limit (or memory.high): demand may be larger, and is
// counted as that limit. Half a percent below it counts, as in the replay: charges are batched.
[[nodiscard]] bool AtTheLimit(const MemoryReading& reading);

}  // namespace plimsoll::agent
