// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/guarded.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>

#include "advisor/history/log_code.h"
#include "advisor/sizing/cheapest_hold.h"
#include "advisor/sizing/lease.h"
#include "advisor/sizing/oom_search.h"

namespace plimsoll::sizing {
namespace {

using history::LogCode;

constexpr int kStartReachDays = 7;
constexpr double kLeastRoom = 0.03;
constexpr double kOutdone = 1.02;
constexpr double kMostFurther = 1.25;
constexpr double kRoomWithoutRise = 0.06;
constexpr Duration kRiseWindow = std::chrono::seconds(5);
constexpr history::Minute kKillRemembered = 7 * 24 * 60;

// Peaks of today and the days for which peaks are held, and limits that killed within a week. A day
// that outdoes them may climb for an hour: it is taken in steps of 1/16 of its leading power of
// two, and as far again as it has gone already, at most a quarter.
double RecentDemand(const Situation& situation, const LimitNeed& need, Ledger& ledger) {
  const auto& ages = situation.days.by_age;
  const int hold = CheapestHold(situation.days, need.usual, RaisePriceDays(situation.objective));
  const double before =
      history::Decode(*std::max_element(ages.begin() + 1, ages.begin() + 1 + hold));
  const double usual = std::max(before, history::Decode(std::max({ages[1], ages[2], ages[3]})));
  double today = history::Decode(ages[0]);
  if (today > usual * kOutdone) {
    const auto leading = std::bit_floor(static_cast<std::uint64_t>(today));
    const double reached = ledger.RoundUp("guarded.reached", {"today's peak", today},
                                          {"step", static_cast<double>(leading) / 16});
    const double further = usual > 0
                               ? ledger.Divide("guarded.further", {"guarded.reached", reached},
                                               {"peak of the days before", usual}, "ratio")
                               : 1;
    const double bounded = ledger.Min(
        "guarded.further_bounded", {{"guarded.further", further}, {"most", kMostFurther}}, "ratio");
    today = ledger.Multiply("guarded.today",
                            {{"guarded.reached", reached}, {"guarded.further_bounded", bounded}});
  }
  double killed = 0;
  for (const history::LimitRefuted& record : situation.history.oom().refuted()) {
    if (record.last + kKillRemembered >= situation.minute) {
      killed = std::max(killed, record.Limit() * kKillShows);
    }
  }
  return ledger.Max("guarded.recent", {{"guarded.today", today},
                                       {"peak of the days held", before},
                                       {"limit at an OOM kill, times 1.15", killed}});
}

std::optional<double> Scaled(LogCode rise, const model::Guard& guard) {
  if (rise == history::kNoData) return std::nullopt;
  const double windows =
      static_cast<double>(guard.reaction.count()) / static_cast<double>(kRiseWindow.count());
  return history::Decode(rise) * std::max(1.0, windows);
}

// What a start takes that a raise cannot follow; all of it where the reaction is slow, and what one
// that goes on has taken already.
double ByStarts(const Situation& situation, const model::Guard& guard, Ledger& ledger) {
  const LogCode start = StartPeak(situation.history);
  if (start == history::kNoData) return 0;
  const LogCode reach = situation.history.start_reach().Largest(situation.day, kStartReachDays);
  const bool followed = reach != history::kNoData && guard.reaction <= kRiseWindow;
  const LogCode running = RunningStartPeak(situation.history.starts(), situation.minute);
  const double highest =
      ledger.Max("guarded.start_peak",
                 {{followed ? "reached at once by a start" : "highest of the last 3 starts",
                   history::Decode(followed ? std::min(reach, start) : start)},
                  {"peak of the start that goes on", history::Decode(running)}});
  return ledger.Multiply("guarded.start",
                         {{"guarded.start_peak", highest}, {"start-up margin", kStartupMargin}});
}

}  // namespace

double GuardedLimit(const Situation& situation, const LimitNeed& need, const model::Guard& guard,
                    double request, Ledger& ledger) {
  const history::ContainerHistory& history = situation.history;
  const double recent = RecentDemand(situation, need, ledger);
  // Known by kills or older days alone: there is nothing recent to guard from.
  const Entry kept_free{"limit.kept_free", std::max(need.bytes, request)};
  if (recent <= 0) return ledger.Max("limit.guarded", {kept_free});

  const std::optional<double> rise =
      Scaled(history.rise().Largest(situation.day, kRiseDays), guard);
  const double least = ledger.Multiply(
      "guarded.least_room",
      {{"guarded.recent", recent}, {"share", rise ? kLeastRoom : kRoomWithoutRise}});
  const double room = ledger.Max(
      "guarded.room",
      {{"guarded.least_room", least}, {"largest rise while reacting", rise.value_or(0)}});
  double enough =
      ledger.Add("guarded.enough", {{"guarded.recent", recent}, {"guarded.room", room}});

  enough = ledger.Max("guarded.enough", {{"guarded.enough", enough},
                                         {"guarded.start", ByStarts(situation, guard, ledger)},
                                         {"request.wanted", request}});
  if (need.cache && need.cache->bytes > 0) {
    enough = ledger.Add("guarded.with_cache",
                        {{"guarded.enough", enough}, {"cache.needed", need.cache->bytes}});
  } else {
    enough = ledger.Add("guarded.with_cache", {{"guarded.enough", enough}});
  }
  enough = ledger.Max("guarded.with_proof",
                      {{"guarded.with_cache", enough}, {"limit.proven", need.proven}});
  return ledger.Min("limit.guarded", {{"guarded.with_proof", enough}, kept_free});
}

}  // namespace plimsoll::sizing
