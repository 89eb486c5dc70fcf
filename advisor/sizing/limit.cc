// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/limit.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "advisor/history/log_code.h"
#include "advisor/leak/leak_test.h"
#include "advisor/sizing/baseline.h"
#include "advisor/sizing/lease.h"
#include "advisor/sizing/margin.h"
#include "advisor/sizing/oom_search.h"

namespace plimsoll::sizing {
namespace {

using recommend::ReasonCode;
using recommend::ReasonSet;

constexpr double kColdMargin = 1.5;
constexpr double kMostFurther = 1.25;
constexpr double kStarvedFactor = 1.5;

// What each estimator asks for; the largest governs.
class Claims {
 public:
  void Add(std::string_view name, double bytes, std::optional<ReasonCode> reason = std::nullopt) {
    entries_[count_] = {name, bytes};
    reasons_[count_] = reason;
    ++count_;
  }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  double Settle(std::string_view name, Ledger& ledger, recommend::ReasonSet& why) const {
    const double largest = ledger.MaxOf(name, std::span(entries_.data(), count_));
    for (std::size_t i = 0; i < count_; ++i) {
      if (entries_[i].value == largest && reasons_[i]) why.Add(*reasons_[i]);
    }
    return largest;
  }

 private:
  std::array<Entry, 8> entries_{};
  std::array<std::optional<ReasonCode>, 8> reasons_{};
  std::size_t count_ = 0;
};

// From days seen: the held peak with its margin, and growth.
void ClaimByDays(const Situation& situation, Ledger& ledger, Claims& claims, LimitNeed& need) {
  const std::optional<double> usual = Baseline(situation.days, ledger);
  if (usual) need.usual = *usual;
  if (situation.days.complete_days < 2 || !usual) {
    if (situation.days.highest == history::kNoData) return;
    claims.Add(
        "limit.cold",
        ledger.Multiply("limit.cold", {{"highest peak", history::Decode(situation.days.highest)},
                                       {"few days known", kColdMargin}}),
        ReasonCode::kColdStart);
    return;
  }
  const double price = KillPriceDays(situation.objective);
  const auto refuted = situation.history.oom().refuted();
  const Lease lease = LeasedPeak(
      situation.days, refuted, situation.minute, *usual,
      price * (KilledAgain(refuted, situation.minute) ? kPriceWhenKilledAgain : 1), ledger);
  const double margin = Margin(situation.days, price, ledger);
  need.held = lease.base;
  need.margin = margin;
  const double factor =
      ledger.Add("limit.one_and_margin", {{"one", 1}, {"limit.margin", margin}}, "ratio");
  claims.Add(
      "limit.held",
      ledger.Multiply("limit.held", {{"limit.base", lease.base}, {"limit.one_and_margin", factor}}),
      lease.beyond_two_days ? std::optional(ReasonCode::kHeldPeak) : std::nullopt);
  // The growth of a leak is not prepared for.
  if (situation.history.level().verdict() != leak::Verdict::kNone) return;
  need.trend = SteadyGrowth(situation.days, ledger);
  if (need.trend) claims.Add("limit.trend", need.trend->ahead, ReasonCode::kTrend);
}

void ClaimByStarts(const Situation& situation, Ledger& ledger, Claims& claims) {
  if (const history::LogCode start = StartPeak(situation.history); start != history::kNoData) {
    claims.Add(
        "limit.startup",
        ledger.Multiply("limit.startup", {{"highest of the last 3 starts", history::Decode(start)},
                                          {"start-up margin", kStartupMargin}}),
        ReasonCode::kStartupPeak);
  }
}

// What the kernel has proven, whatever the readings say.
void ClaimByProof(const Situation& situation, Ledger& ledger, Claims& claims) {
  if (const auto floor = OomFloor(situation.history.oom().refuted(), situation.minute, ledger)) {
    claims.Add("limit.oom_floor", *floor, ReasonCode::kOomFloor);
  }
  const history::Pinned& pinned = situation.history.pressure().pinned();
  if (pinned.capacity != history::kNoData && pinned.last + kOomFloorHeld >= situation.minute) {
    claims.Add("limit.starved",
               ledger.Multiply("limit.starved",
                               {{"boundary it was held at", history::Decode(pinned.capacity)},
                                {"half as much again", kStarvedFactor}}),
               ReasonCode::kStarvedAtBoundary);
  }
}

// What the readings ask for, needed cache included; 0 without any.
double LimitByReadings(const Situation& situation, Ledger& ledger, ReasonSet& reasons,
                       LimitNeed& need) {
  Claims claims;
  if (situation.batch) need.runs = NeededByRuns(situation, ledger);
  if (need.runs) claims.Add("runs.limit", need.runs->limit);
  ClaimByDays(situation, ledger, claims, need);
  ClaimByStarts(situation, ledger, claims);
  if (claims.empty()) return 0;
  const double demand = claims.Settle("limit.demand", ledger, reasons);
  need.cache = NeededCache(situation, ledger);
  if (need.cache && need.cache->proven) reasons.Add(ReasonCode::kCacheNeeded);
  return ledger.Add("limit.by_readings", {{"limit.demand", demand},
                                          {"cache.needed", need.cache ? need.cache->bytes : 0}});
}

// A day that outdoes the held peak may go on doing so: as far again as it has gone already, and
// half as far once more, at most a quarter above it; no wait for the kill. The day is taken in
// steps of a sixteenth of the held peak, or every reading of a climb would be a change.
//   held 400, margin 0.05, today 440 -> up to 450; 450 * 1.05 * 1.125^1.5 = 564
double LimitByToday(double today, const LimitNeed& need, Ledger& ledger, ReasonSet& reasons) {
  const double expected =
      std::max(need.held * (1 + need.margin / 2), need.trend ? need.trend->ahead : 0);
  if (need.held <= 0 || today <= expected) return 0;
  const double step = ledger.Divide("today.step", {"held peak", need.held}, {"parts", 16});
  const double reached =
      ledger.RoundUp("today.reached", {"today's peak", today}, {"today.step", step});
  const double surprise = ledger.Divide("today.surprise", {"today.reached", reached},
                                        {"held peak", need.held}, "ratio");
  const double root = ledger.Sqrt("today.surprise_root", {"today.surprise", surprise}, "ratio");
  const double further = ledger.Multiply(
      "today.further", {{"today.surprise", surprise}, {"today.surprise_root", root}}, "ratio");
  const double bounded = ledger.Min("today.further_bounded",
                                    {{"today.further", further}, {"most", kMostFurther}}, "ratio");
  const double factor =
      ledger.Add("today.one_and_margin", {{"one", 1}, {"limit.margin", need.margin}}, "ratio");
  reasons.Add(ReasonCode::kEmergencyRaise);
  return ledger.Multiply("limit.today", {{"today.reached", reached},
                                         {"today.one_and_margin", factor},
                                         {"today.further_bounded", bounded}});
}

}  // namespace

std::optional<LimitNeed> UnguardedLimit(const Situation& situation, Ledger& ledger,
                                        recommend::ReasonSet& reasons) {
  LimitNeed need;
  const double by_readings = LimitByReadings(situation, ledger, reasons, need);
  Claims proof;
  ClaimByProof(situation, ledger, proof);
  if (!proof.empty()) need.proven = proof.Settle("limit.proven", ledger, reasons);
  if (by_readings <= 0 && need.proven <= 0) return std::nullopt;
  need.bytes = ledger.Max("limit.needed",
                          {{"limit.by_readings", by_readings}, {"limit.proven", need.proven}});

  const double today = history::Decode(situation.days.today());
  need.bytes = ledger.Max(
      "limit.unguarded",
      {{"limit.needed", need.bytes}, {"limit.today", LimitByToday(today, need, ledger, reasons)}});
  return need;
}

}  // namespace plimsoll::sizing
