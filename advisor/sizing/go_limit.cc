// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/go_limit.h"

#include <algorithm>

#include "advisor/history/log_code.h"
#include "advisor/sizing/startup.h"

namespace plimsoll::sizing {
namespace {

constexpr double kRecentMargin = 1.05;

double RecentDemand(const Situation& situation) {
  const history::PeakRings& peaks = situation.history.peaks();
  const history::LogCode recent =
      std::max({peaks.HourPeak(situation.hour), peaks.HourPeak(situation.hour - 1),
                RunningStartPeak(situation.history.starts(), situation.minute)});
  return history::Decode(recent);
}

}  // namespace

Entry LimitByGo(const Situation& situation, const LimitNeed& need, const runtime::GoFigures& go,
                Entry limit, Ledger& ledger, recommend::ReasonSet& reasons) {
  const std::optional<double> gogc = runtime::WorthwhileGogc(go, ledger);
  const double recent = RecentDemand(situation);
  // Never by the model alone: without a reading of the last two hours the usual way stands.
  if (go.accepts_tuning && gogc && recent > 0) {
    const double demand = runtime::GoDemand(go, *gogc, ledger);
    const double held = ledger.Multiply(
        "go.recent", {{"highest demand of 2 hours", recent}, {"margin", kRecentMargin}});
    limit = {"limit.go", ledger.Max("limit.go", {{"go.demand", demand},
                                                 {"go.recent", held},
                                                 {"limit.proven", need.proven}})};
    reasons.Add(recommend::ReasonCode::kRuntimeModel);
  }
  Ledger unwritten(nullptr);
  if (runtime::Runway(go, runtime::GoMemLimit(go, limit.value, unwritten)) <
      runtime::kLeastRunway) {
    const double runway = runtime::LimitForRunway(go, ledger);
    limit = {"limit.go_runway", ledger.Max("limit.go_runway", {limit, {"go.runway", runway}})};
    reasons.Add(recommend::ReasonCode::kRunwayShort);
  }
  return limit;
}

}  // namespace plimsoll::sizing
