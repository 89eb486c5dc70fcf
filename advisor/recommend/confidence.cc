// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/confidence.h"

#include <algorithm>
#include <array>
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

// By age of the newest day, the highest of the seven days that end with it.
using WeekPeaks = std::array<LogCode, kOldestWeek + 2>;

WeekPeaks HighestOfWeeks(const sizing::DayPeaks& days) {
  std::array<LogCode, kOldestWeek + 5> fours{};
  for (std::size_t age = 0; age < fours.size(); ++age) {
    const auto first = days.by_age.begin() + static_cast<std::ptrdiff_t>(age);
    fours[age] = std::max(std::max(first[0], first[1]), std::max(first[2], first[3]));
  }
  WeekPeaks weeks{};
  for (std::size_t age = 0; age < weeks.size(); ++age) {
    weeks[age] = std::max(fours[age], fours[age + 3]);
  }
  return weeks;
}

// The share of past weeks that would have needed more than the room that is held now.
double ShareOutdone(const sizing::Situation& situation, double limit) {
  const auto& ages = situation.days.by_age;
  const WeekPeaks weeks = HighestOfWeeks(situation.days);
  const LogCode recent =
      std::max({ages[0], weeks[1], sizing::StartPeak(situation.history), LogCode{1}});
  const double room = std::clamp(std::log(limit / history::Decode(recent)), kLeastRoom, kMostRoom);
  const int steps = static_cast<int>(room / history::kLnPerStep);
  int known = 0;
  int outdone = 0;
  for (std::size_t began = kWeek; began <= kOldestWeek; ++began) {
    const bool judged = ages[began + kDaysBefore] != history::kNoData;
    known += judged ? 1 : 0;
    outdone += judged && weeks[began + 1 - kWeek] > weeks[began + 1] + steps ? 1 : 0;
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
