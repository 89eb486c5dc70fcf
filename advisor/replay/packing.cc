// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/packing.h"

#include <algorithm>
#include <vector>

namespace plimsoll::replay {
namespace {

constexpr std::size_t kDay = 1440;

// The node of each container; nodes.size() afterwards is how many it took. -1: fits nowhere.
std::vector<int> FirstFit(std::span<const Timeline> containers, std::size_t minute,
                          double node_bytes, std::vector<double>& nodes) {
  std::vector<int> placed;
  placed.reserve(containers.size());
  for (const auto& timeline : containers) {
    const double request = minute < timeline.size() ? timeline[minute].request : 0;
    if (request <= 0 || request > node_bytes) {
      placed.push_back(-1);
      continue;
    }
    auto node = std::find_if(nodes.begin(), nodes.end(), [request, node_bytes](double used) {
      return used + request <= node_bytes;
    });
    if (node == nodes.end()) node = nodes.insert(nodes.end(), 0.0);
    *node += request;
    placed.push_back(static_cast<int>(node - nodes.begin()));
  }
  return placed;
}

}  // namespace

PackingResult PackAndReplay(std::span<const Timeline> containers, double node_bytes) {
  PackingResult result;
  std::size_t minutes = 0;
  for (const auto& timeline : containers) minutes = std::max(minutes, timeline.size());
  std::size_t days = 0;
  for (std::size_t day = 0; day < minutes; day += kDay, ++days) {
    std::vector<double> nodes;
    const auto placed = FirstFit(containers, day, node_bytes, nodes);
    result.node_days += static_cast<double>(nodes.size());
    std::vector<bool> was_full(nodes.size(), false);
    std::vector<double> demand(nodes.size());
    for (std::size_t minute = day; minute < std::min(day + kDay, minutes); ++minute) {
      std::fill(demand.begin(), demand.end(), 0.0);
      for (std::size_t i = 0; i < containers.size(); ++i) {
        if (placed[i] < 0 || minute >= containers[i].size()) continue;
        demand[static_cast<std::size_t>(placed[i])] += containers[i][minute].demand;
      }
      for (std::size_t node = 0; node < nodes.size(); ++node) {
        const bool full = demand[node] > node_bytes;
        if (full) result.overfull_minutes += 1;
        if (full && !was_full[node]) ++result.overfull_events;
        was_full[node] = full;
      }
    }
  }
  if (days > 0) result.mean_nodes = result.node_days / static_cast<double>(days);
  return result;
}

}  // namespace plimsoll::replay
