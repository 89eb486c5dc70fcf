// SPDX-License-Identifier: Apache-2.0
#include "operator/sources/agents/ack_ledger.h"

#include <algorithm>

namespace plimsoll::agents {

void AckLedger::Add(std::uint64_t cursor, std::uint64_t intake) {
  if (reports_.size() >= kMost) {
    // Every other one goes; what it would have acknowledged goes with the next.
    std::size_t kept = 0;
    for (std::size_t at = 1; at < reports_.size(); at += 2) reports_[kept++] = reports_[at];
    reports_.resize(kept);
  }
  reports_.push_back({cursor, intake});
}

void AckLedger::Delay(std::uint64_t cursor, std::uint64_t intake) {
  for (Report& report : reports_) {
    if (report.cursor >= cursor) report.intake = std::max(report.intake, intake);
  }
}

std::uint64_t AckLedger::TakeDue(std::uint64_t stored, std::uint64_t barrier) {
  std::uint64_t cursor = 0;
  while (!reports_.empty() && reports_.front().intake <= stored &&
         reports_.front().cursor < barrier) {
    cursor = reports_.front().cursor;
    reports_.pop_front();
  }
  return cursor;
}

}  // namespace plimsoll::agents
