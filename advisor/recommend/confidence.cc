// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/confidence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "advisor/history/log_code.h"
#include "advisor/leak/leak_test.h"
#include "advisor/sizing/startup.h"

namespace plimsoll::recommend {
namespace {

using history::LogCode;

constexpr double kLeast = 0.01;
constexpr double kMost = 0.98;

// The weights a, b, c.
constexpr double kOffset = -0.348;
constexpr double kOutdone = 1.837;
constexpr double kOutgrown = 1.118;

constexpr std::size_t kWeek = 7;
constexpr std::size_t kOldestWeek = 28;  // days since it began
constexpr std::size_t kDaysBefore = 3;
constexpr double kLeastRoom = 0.03;
constexpr double kMostRoom = 0.6;
constexpr double kPriorOutdone = 1;
constexpr double kPriorWeeks = 4;

constexpr double kUsualSlack = 0.5;
constexpr double kAboveUsual = 1.1;

// The share of past weeks that would have needed more than the room that is held now.
double ShareOutdone(const sizing::Situation& situation, double limit) {
  const auto& ages = situation.days.by_age;
  const auto weeks = sizing::HighestOf<kWeek, kOldestWeek + 2>(situation.days);
  const LogCode recent =
      std::max({ages[0], weeks[1], sizing::StartPeak(situation.history), LogCode{1}});
  const double room = std::clamp(std::log(limit / history::Decode(recent)), kLeastRoom, kMostRoom);
  const auto steps = static_cast<LogCode>(room / history::kLnPerStep);
  LogCode known = 0;
  LogCode outdone = 0;
  // Without branches, in sixteen bits: eight weeks at a time.
  for (std::size_t began = kWeek; began <= kOldestWeek; ++began) {
    const LogCode judged = ages[began + kDaysBefore] != history::kNoData ? 1 : 0;
    const auto held = static_cast<LogCode>(weeks[began + 1] + steps);
    const LogCode above = weeks[began + 1 - kWeek] > held ? 1 : 0;
    known = static_cast<LogCode>(known + judged);
    outdone = static_cast<LogCode>(outdone + (judged & above));
  }
  return (outdone / static_cast<double>(kWeek) + kPriorOutdone) /
         (known / static_cast<double>(kWeek) + kPriorWeeks);
}

// Where growth as it is leads within a week.
bool Outgrown(const sizing::Situation& situation, const sizing::LimitNeed& need) {
  const history::LevelSeries& series = situation.history.level();
  const bool leak = series.verdict() != leak::Verdict::kNone;
  if (!leak && !need.trend) return false;
  const double a_day = leak ? series.slope_per_day() : need.trend->slope;
  const auto& ages = situation.days.by_age;
  return a_day > 0 && history::Decode(std::max(ages[0], ages[1])) + kWeek * a_day > need.bytes;
}

}  // namespace

Signs ReadSigns(const sizing::Situation& situation, const sizing::LimitNeed& need) {
  const history::ContainerHistory& history = situation.history;
  if (history.first_minute() == 0) return {};
  const double hours = (history.last_minute() - history.first_minute()) / 60.0;
  return {.outdone = ShareOutdone(situation, need.bytes),
          .outgrown = Outgrown(situation, need),
          .first_hour = std::min(1.0, hours)};
}

double Confidence(const Signs& signs) {
  if (signs.outdone <= 0) return 0;
  const double z = kOffset - kOutdone * std::log(signs.outdone / (1 - signs.outdone)) -
                   (signs.outgrown ? kOutgrown : 0);
  return std::clamp(signs.first_hour / (1 + std::exp(-z)), kLeast, kMost);
}

double StatedSlack(const sizing::LimitNeed& need) {
  if (need.usual <= 0) return kUsualSlack;
  return std::max(kUsualSlack, 1 - need.usual / (kAboveUsual * need.bytes));
}

}  // namespace plimsoll::recommend
