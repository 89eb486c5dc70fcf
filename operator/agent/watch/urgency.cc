// SPDX-License-Identifier: Apache-2.0
#include "operator/agent/watch/urgency.h"

#include <chrono>

namespace plimsoll::agent {

bool IsUrgent(const MemoryReading& reading, std::optional<BytesPerSecond> rate) {
  if (!reading.limit) return false;
  if (reading.hard >= *reading.limit * kUrgentShare) return true;
  if (!rate || reading.hard < *reading.limit * Ratio(0.5)) return false;
  const double ahead = rate->value() * std::chrono::duration<double>(kForesight).count();
  return reading.hard + Bytes::FromDouble(ahead) >= *reading.limit;
}

bool IsNear(const MemoryReading& reading, bool woken) {
  if (!reading.limit) return false;
  const Bytes mark = *reading.limit * kNearShare;
  if (reading.usage >= mark) return true;
  return !woken && (mark - reading.usage).AsDouble() < kFastestRise.value();
}

}  // namespace plimsoll::agent
