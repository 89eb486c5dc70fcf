// SPDX-License-Identifier: Apache-2.0
#include "advisor/runtime/square_root_rule.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::runtime {
namespace {

constexpr double kShareOfProcessors = 0.25;  // what Go's collector takes while marking

}  // namespace

double GarbageWorthKeeping(const Collector& collector, double cores_per_byte) {
  if (!(collector.allocation_rate > 0) || !(collector.marked > 0) || !(collector.mark_speed > 0)) {
    return 0;
  }
  return std::sqrt(collector.allocation_rate * collector.marked /
                   (collector.mark_speed * cores_per_byte));
}

double Overshoot(const Collector& collector, double garbage, double processors) {
  if (!(collector.mark_speed > 0) || !(garbage > 0)) return 1.15;
  const double meanwhile = collector.allocation_rate * collector.marked /
                           (kShareOfProcessors * std::max(processors, 1.0) * collector.mark_speed);
  const double share = meanwhile / garbage;
  if (share < 0.25) return 1.15;
  return share < 0.5 ? 1.5 : 1.8;
}

}  // namespace plimsoll::runtime
