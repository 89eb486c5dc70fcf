// SPDX-License-Identifier: Apache-2.0
//
// Which kills are in a container's history already, by their ids: a kill that is told again is
// counted once, however many came between. When an operator ends, its successor is told all that
// was not acknowledged, a minute's kills of all pods; the history itself knows the last eight
// (history/oom_log.h).
//
// An agent numbers the kills of one container from 1 ("<container id>/<which>"), so that they are a
// run of numbers: a thousand killed children of one container are one run. A kill of a pod's own
// and an eviction ("<pod uid>/evicted") are runs of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "advisor/base/time.h"
#include "advisor/history/slots.h"

namespace plimsoll::fleet {

class KnownKills {
 public:
  // At most so many runs, the newest: with a kill a second, each of a new container, those of a
  // quarter of an hour.
  static constexpr std::size_t kMost = 900;
  // Numbered ones are forgotten when there is one a day newer: told again as late as that, they
  // would not be among the last 24 hours' that users see. The others stay, for a pod's status tells
  // of its eviction as long as the pod is there.
  static constexpr history::Minute kHorizon = 24 * 60;

  struct Run {
    history::Minute minute = 0;  // of its newest kill
    // history::Fingerprint of the owner. Of a thousand known owners a new one looks like one of
    // them once in four million times.
    std::uint32_t owner = 0;
    std::uint64_t first = 0;  // 0: not numbered, and `last` is 0 too
    std::uint64_t last = 0;
    auto operator<=>(const Run&) const = default;
  };

  // Never of an empty id: such kills cannot be told apart.
  [[nodiscard]] bool Contains(std::string_view id) const;
  void Add(std::string_view id, TimePoint time);
  // What is stored, in any order; a run that makes no sense is passed over.
  void Add(Run run);

  // Oldest first.
  [[nodiscard]] std::span<const Run> runs() const { return runs_; }

 private:
  std::vector<Run> runs_;
};

}  // namespace plimsoll::fleet
