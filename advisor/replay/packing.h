// SPDX-License-Identifier: Apache-2.0
//
// Whether a smaller request is paid for by the node: containers are packed by first fit on what
// they request, once a day, and every minute the demand of each node is held against its memory.
// First fit depends on who comes first: unrelated pods come in any order, and so they are packed in
// many, each made by shuffling. A node that runs over is one case a day, however often it does: its
// kubelet evicts somebody at the first.
#pragma once

#include <cstdint>
#include <span>

#include "advisor/replay/outcome.h"

namespace plimsoll::replay {

struct PackingResult {
  double mean_nodes = 0;
  double node_days = 0;                 // over all orders
  std::int64_t overfull_node_days = 0;  // on which demand rose over what the node has
  double overfull_minutes = 0;          // of one order, on average
  [[nodiscard]] double OverfullPer1000NodeDays() const {
    return node_days > 0 ? 1000.0 * static_cast<double>(overfull_node_days) / node_days : 0;
  }
};

// `node_bytes`: what a node can give to containers; a container larger than that is left out.
// `orders`: 1 or more.
[[nodiscard]] PackingResult PackAndReplay(std::span<const Timeline> containers, double node_bytes,
                                          int orders);

}  // namespace plimsoll::replay
