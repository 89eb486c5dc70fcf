// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/guarded.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>

#include "advisor/history/log_code.h"
#include "advisor/sizing/lease.h"
#include "advisor/sizing/oom_search.h"

namespace plimsoll::sizing {
namespace {

using history::LogCode;

constexpr int kRiseDays = 14;
constexpr int kStartRiseDays = 7;
constexpr double kLeastRoom = 0.03;
constexpr double kOutdone = 1.02;
constexpr double kMostFurther = 1.25;
constexpr double kRoomWithoutRise = 0.06;
constexpr Duration kRiseWindow = std::chrono::seconds(5);
constexpr history::Minute kKillRemembered = 7 * 24 * 60;

// Peaks of today and the day before, and limits that killed within a week. A day that outdoes the
// one before it may climb for an hour: it is taken in steps of 1/16 of its leading power of two,
// and as far again as it has gone already, at most a quarter.
double RecentDemand(const Situation& situation, Ledger& ledger) {
  const auto& ages = situation.days.by_age;
  const double before = history::Decode(ages[1]);
  const double usual = history::Decode(std::max({ages[1], ages[2], ages[3]}));
  double today = history::Decode(ages[0]);
  if (today > usual * kOutdone) {
    const auto leading = std::bit_floor(static_cast<std::uint64_t>(today));
    const double reached = ledger.RoundUp("guarded.reached", {"today's peak", today},
                                          {"step", static_cast<double>(leading) / 16});
    const double further = usual > 0
                               ? ledger.Divide("guarded.further", {"guarded.reached", reached},
                                               {"peak of the 3 days before", usual}, "ratio")
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
                                       {"yesterday's peak", before},
                                       {"limit at an OOM kill, times 1.15", killed}});
}

std::optional<double> Scaled(LogCode rise, const model::Guard& guard) {
  if (rise == history::kNoData) return std::nullopt;
  const double windows =
      static_cast<double>(guard.reaction.count()) / static_cast<double>(kRiseWindow.count());
  return history::Decode(rise) * std::max(1.0, windows);
}

}  // namespace

double GuardedLimit(const Situation& situation, const LimitNeed& need, const model::Guard& guard,
                    Ledger& ledger) {
  const history::ContainerHistory& history = situation.history;
  const double recent = RecentDemand(situation, ledger);
  // Known by kills or older days alone: there is nothing recent to guard from.
  if (recent <= 0) return ledger.Max("limit.guarded", {{"limit.unguarded", need.bytes}});

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

  const LogCode start = StartPeak(history);
  const std::optional<double> start_rise =
      Scaled(history.start_rise().Largest(situation.day, kStartRiseDays), guard);
  if (start != history::kNoData) {
    const double startup = ledger.Multiply(
        "guarded.startup", {{"highest of the last 3 starts", history::Decode(start)},
                            {"start-up margin", kStartupMargin}});
    const double fast = ledger.Add(
        "guarded.start_rise",
        {{"guarded.recent", recent}, {"largest rise while starting", start_rise.value_or(room)}});
    const double bounded =
        ledger.Min("guarded.start", {{"guarded.startup", startup}, {"guarded.start_rise", fast}});
    enough = ledger.Max("guarded.enough", {{"guarded.enough", enough}, {"guarded.start", bounded}});
  }
  if (need.cache && need.cache->bytes > 0) {
    enough = ledger.Add("guarded.with_cache",
                        {{"guarded.enough", enough}, {"cache.needed", need.cache->bytes}});
  } else {
    enough = ledger.Add("guarded.with_cache", {{"guarded.enough", enough}});
  }
  enough = ledger.Max("guarded.with_proof",
                      {{"guarded.with_cache", enough}, {"limit.proven", need.proven}});
  return ledger.Min("limit.guarded",
                    {{"guarded.with_proof", enough}, {"limit.unguarded", need.bytes}});
}

}  // namespace plimsoll::sizing
