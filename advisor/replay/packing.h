// SPDX-License-Identifier: Apache-2.0
//
// Whether a smaller request is paid for by the node: containers are packed by first fit on what
// they request, once a day, and every minute the demand of each node is held against its memory.
#pragma once

#include <cstdint>
#include <span>

#include "advisor/replay/outcome.h"

namespace plimsoll::replay {

struct PackingResult {
  double mean_nodes = 0;
  double node_days = 0;
  std::int64_t overfull_events = 0;  // a node's demand rose over what it has
  double overfull_minutes = 0;
  [[nodiscard]] double EventsPer1000NodeDays() const {
    return node_days > 0 ? 1000.0 * static_cast<double>(overfull_events) / node_days : 0;
  }
};

// `node_bytes`: what a node can give to containers; a container larger than that is left out.
[[nodiscard]] PackingResult PackAndReplay(std::span<const Timeline> containers, double node_bytes);

}  // namespace plimsoll::replay
