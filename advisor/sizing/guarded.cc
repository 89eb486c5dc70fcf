// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/guarded.h"

#include <algorithm>
#include <chrono>
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
constexpr double kRoomWithoutRise = 0.06;
constexpr double kStartupMargin = 1.05;
constexpr Duration kRiseWindow = std::chrono::seconds(5);
constexpr history::Minute kKillRemembered = 7 * 24 * 60;

// Peaks of today and the two days before, and limits that killed within a week.
double RecentDemand(const Situation& situation, Ledger& ledger) {
  const auto& ages = situation.days.by_age;
  const double peak = history::Decode(std::max({ages[0], ages[1], ages[2]}));
  double killed = 0;
  for (const history::LimitRefuted& record : situation.history.oom().refuted()) {
    if (record.last + kKillRemembered >= situation.minute) {
      killed = std::max(killed, record.Limit() * kKillShows);
    }
  }
  return ledger.Max("guarded.recent", {{"highest peak of 3 days", peak},
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

  const LogCode start = history.starts().LargestStart(3);
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
