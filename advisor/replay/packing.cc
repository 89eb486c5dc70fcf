// SPDX-License-Identifier: Apache-2.0
#include "advisor/replay/packing.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "advisor/replay/random.h"

namespace plimsoll::replay {
namespace {

constexpr std::size_t kDay = 1440;

using Order = std::vector<std::size_t>;  // of the containers

// Fisher-Yates: the same for a seed on every machine.
Order Shuffled(std::size_t count, std::uint64_t seed) {
  Order order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed);
  for (std::size_t left = count; left > 1; --left) {
    const auto other = static_cast<std::size_t>(random.Below(static_cast<std::int64_t>(left)));
    std::swap(order[left - 1], order[other]);
  }
  return order;
}

// The containers of each node at a minute. What requests nothing or fits nowhere is on none.
std::vector<Order> FirstFit(std::span<const Timeline> containers, const Order& order,
                            std::size_t minute, double node_bytes) {
  std::vector<Order> nodes;
  std::vector<double> used;
  for (const std::size_t container : order) {
    const Timeline& timeline = containers[container];
    const double request = minute < timeline.size() ? timeline[minute].request : 0;
    if (request <= 0 || request > node_bytes) continue;
    const auto fits = std::ranges::find_if(
        used, [request, node_bytes](double held) { return held + request <= node_bytes; });
    const auto node = static_cast<std::size_t>(fits - used.begin());
    if (fits == used.end()) {
      used.push_back(0);
      nodes.emplace_back();
    }
    used[node] += request;
    nodes[node].push_back(container);
  }
  return nodes;
}

// Minutes of [begin, end) in which these containers want more than the node has.
int OverfullMinutes(std::span<const Timeline> containers, const Order& placed, std::size_t begin,
                    std::size_t end, double node_bytes) {
  int overfull = 0;
  for (std::size_t minute = begin; minute < end; ++minute) {
    double demand = 0;
    for (const std::size_t container : placed) {
      if (minute < containers[container].size()) demand += containers[container][minute].demand;
    }
    overfull += demand > node_bytes ? 1 : 0;
  }
  return overfull;
}

}  // namespace

PackingResult PackAndReplay(std::span<const Timeline> containers, double node_bytes, int orders) {
  PackingResult result;
  std::size_t minutes = 0;
  for (const auto& timeline : containers) minutes = std::max(minutes, timeline.size());
  std::int64_t days = 0;
  for (int i = 0; i < orders; ++i) {
    const Order order = Shuffled(containers.size(), static_cast<std::uint64_t>(i));
    for (std::size_t day = 0; day < minutes; day += kDay, ++days) {
      const std::vector<Order> nodes = FirstFit(containers, order, day, node_bytes);
      result.node_days += static_cast<double>(nodes.size());
      for (const Order& placed : nodes) {
        const int overfull =
            OverfullMinutes(containers, placed, day, std::min(day + kDay, minutes), node_bytes);
        result.overfull_node_days += overfull > 0 ? 1 : 0;
        result.overfull_minutes += static_cast<double>(overfull) / orders;
      }
    }
  }
  if (days > 0) result.mean_nodes = result.node_days / static_cast<double>(days);
  return result;
}

}  // namespace plimsoll::replay
