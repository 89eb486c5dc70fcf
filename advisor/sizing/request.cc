// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/request.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "advisor/history/log_code.h"
#include "advisor/leak/leak_test.h"
#include "advisor/sizing/lease.h"
#include "advisor/sizing/oom_search.h"

namespace plimsoll::sizing {
namespace {

using history::LogCode;

constexpr double kAboveNewLevel = 1.02;
constexpr double kStillThere = 0.85;
constexpr history::Minute kNodeKillRemembered = 7 * 24 * 60;

// Of a hundred hours, how many are covered. What the request leaves out, other containers of the
// node must have to spare just then.
std::size_t HoursCovered(model::Objective objective) {
  switch (objective) {
    case model::Objective::kSavings:
      return 80;
    case model::Objective::kBalanced:
      return 85;
    case model::Objective::kReliability:
      return 99;
  }
  return 85;
}

// The level that so many of the hours do not exceed (nearest rank); 0 without any.
double HourlyQuantile(const Situation& situation) {
  // Hours before a fall of the level that came to stay tell nothing of the new one.
  const history::Hour first =
      std::max(situation.hour - history::kHoursInWeek + 1, situation.history.drift().fall_day * 24);
  return history::Decode(situation.history.peaks().HourQuantile(first, situation.hour,
                                                                HoursCovered(situation.objective)));
}

// Hours tell of rare long demand, days of frequent short spikes; either may be passed over.
double UsualLevel(const Situation& situation, double hourly, Ledger& ledger) {
  const history::Drift& drift = situation.history.drift();
  const history::DayLevels& days = situation.history.day_levels();
  const bool careful = situation.objective == model::Objective::kReliability;
  const LogCode level = careful ? history::kNoData : days.SecondHighest(situation.day);
  // Days before a fall of the level that came to stay tell nothing of the new one.
  if (level == history::kNoData || drift.fall_day > situation.day - history::DayLevels::kDays) {
    return ledger.Max("request.usual", {{"quantile of hourly peaks, 7 days", hourly}});
  }
  return ledger.Min("request.usual", {{"quantile of hourly peaks, 7 days", hourly},
                                      {"level of an hour a day, 7 days", history::Decode(level)}});
}

// What this hour and the one before it both reached: a new level, not a peak.
LogCode SustainedLevel(const history::PeakRings& peaks, history::Hour now) {
  return std::min(peaks.HourPeak(now - 1), peaks.HourPeak(now));
}

// Where growth leads within two days: one that the node must keep free, one because the request
// follows in steps that are worth a patch. 0 without growth. What grew by leaking starts anew
// with the container: growth that is not there any more is not followed.
double Growth(const Situation& situation, const LimitNeed& need, Ledger& ledger) {
  const history::PeakRings& peaks = situation.history.peaks();
  const LogCode level =
      std::max(peaks.HourPeak(situation.hour - 1), peaks.HourPeak(situation.hour));
  if (level == history::kNoData) return 0;
  const history::LevelSeries& series = situation.history.level();
  if (series.verdict() != leak::Verdict::kNone) {
    return ledger.Add("request.growth", {{"level of the last hour", history::Decode(level)},
                                         {"leaked in a day", series.slope_per_day()},
                                         {"and in another", series.slope_per_day()}});
  }
  if (!need.trend) return 0;
  const double yesterday = history::Decode(situation.days.by_age[1]);
  if (history::Decode(level) < kStillThere * yesterday) return 0;
  return ledger.Add("request.growth", {{"limit.next_day", need.trend->next_day},
                                       {"and in another", need.trend->slope}});
}

bool NodeRanOut(const Situation& situation, recommend::ReasonSet& reasons) {
  const auto recent = [&](model::OomKind kind) {
    const history::Minute last = situation.history.oom().Last(kind);
    return last != 0 && last + kNodeKillRemembered >= situation.minute;
  };
  const bool killed = recent(model::OomKind::kNodeOom);
  const bool evicted = recent(model::OomKind::kEvicted);
  if (killed) reasons.Add(recommend::ReasonCode::kNodeOom);
  if (evicted) reasons.Add(recommend::ReasonCode::kEvicted);
  return killed || evicted;
}

// Nothing in the last week: the highest of the days and starts still known; without any, the
// boundary it was held back at, which is then what the limit is made of.
Entry LastResort(const Situation& situation) {
  if (situation.days.highest != history::kNoData)
    return {"highest peak", history::Decode(situation.days.highest)};
  return {"boundary it was held at",
          history::Decode(situation.history.pressure().pinned().capacity)};
}

double UsedMemory(const Situation& situation, Ledger& ledger, recommend::ReasonSet& reasons) {
  std::array<Entry, 4> terms;
  std::size_t count = 0;
  double usual = 0;
  if (const double hourly = HourlyQuantile(situation); hourly > 0) {
    usual = UsualLevel(situation, hourly, ledger);
    terms[count++] = {"request.usual", usual};
  }
  if (const LogCode level = SustainedLevel(situation.history.peaks(), situation.hour);
      level != history::kNoData) {
    const double sustained = history::Decode(level);
    terms[count++] = {
        "request.new_level",
        ledger.Multiply("request.new_level",
                        {{"level of the last 2 hours", sustained},
                         {"noise above a new level", sustained > usual ? kAboveNewLevel : 1}})};
  }
  if (NodeRanOut(situation, reasons)) {
    const LogCode peak =
        std::max({situation.days.by_age[0], situation.days.by_age[1], situation.days.by_age[2]});
    if (peak != history::kNoData)
      terms[count++] = {"peak of the last 2 days", history::Decode(peak)};
  }
  // Killed before a reading was taken: the kill is all that is known.
  if (const auto refuted = RefutedLimit(situation.history.oom().refuted(), situation.minute);
      refuted && count == 0) {
    terms[count++] = {"limit at an OOM kill, times 1.15", *refuted * kKillShows};
  }
  if (count == 0) terms[count++] = LastResort(situation);
  return ledger.MaxOf("request.used", std::span(terms.data(), count));
}

}  // namespace

double WantedRequest(const Situation& situation, const LimitNeed& need, Ledger& ledger,
                     recommend::ReasonSet& reasons) {
  if (need.runs) reasons.Add(recommend::ReasonCode::kBatchRuns);
  double request = need.runs ? need.runs->request : UsedMemory(situation, ledger, reasons);
  if (need.cache && need.cache->bytes > 0) {
    request =
        ledger.Add("request.with_cache", {{need.runs ? "runs.request" : "request.used", request},
                                          {"cache.needed", need.cache->bytes}});
  } else {
    request =
        ledger.Add("request.with_cache", {{need.runs ? "runs.request" : "request.used", request}});
  }
  return ledger.Max("request.wanted", {{"request.with_cache", request},
                                       {"request.growth", Growth(situation, need, ledger)}});
}

}  // namespace plimsoll::sizing
