// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/confidence.h"

#include <algorithm>
#include <cmath>

namespace plimsoll::recommend {
namespace {

constexpr double kMost = 0.98;
// Days after which 63 % of what can be learned is learned: a week shows weekdays and weekend.
constexpr double kLearningDays = 5;

}  // namespace

double Confidence(const sizing::Situation& situation, const ReasonSet& reasons) {
  const history::ContainerHistory& history = situation.history;
  if (history.first_minute() == 0) return 0;
  const double days = (history.last_minute() - history.first_minute()) / (24.0 * 60);
  double confidence = kMost * (1 - std::exp(-days / kLearningDays));
  using enum ReasonCode;
  // Each of these says that the past is a poor guide to the next week.
  for (const ReasonCode doubt : {kRecentOom, kLeakSuspected, kDrifted, kTelemetryStale}) {
    if (reasons.Has(doubt)) confidence *= 0.7;
  }
  return std::clamp(confidence, 0.01, kMost);
}

}  // namespace plimsoll::recommend
