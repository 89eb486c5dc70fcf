// SPDX-License-Identifier: Apache-2.0
#include "advisor/recommend/confidence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "advisor/history/log_code.h"
#include "advisor/sizing/startup.h"

namespace plimsoll::recommend {
namespace {

using history::LogCode;

constexpr double kLeast = 0.01;
constexpr double kMost = 0.98;

// The weights a, b, c, d, e.
constexpr double kOffset = 0.334;
constexpr double kSurprised = 1.174;
constexpr double kLoose = 4.056;
constexpr double kGrowing = 1.801;
constexpr double kYoung = 0.972;

constexpr std::size_t kWeek = 7;
constexpr std::size_t kWeeksJudged = 4;
constexpr int kOutdone = 114;  // log2(1.08) * 1024
constexpr double kTight = 1.4;

// The chance that a week outdoes the two before it, as the last four did.
double SurpriseRate(const sizing::DayPeaks& days) {
  std::array<LogCode, kWeeksJudged + 2> weeks{};
  for (std::size_t week = 0; week < weeks.size(); ++week) {
    const auto first = days.by_age.begin() + static_cast<std::ptrdiff_t>(1 + week * kWeek);
    weeks[week] = *std::max_element(first, first + kWeek);
  }
  int looked_at = 0;
  int outdone = 0;
  for (std::size_t week = 0; week < kWeeksJudged; ++week) {
    const int before = std::max(weeks[week + 1], weeks[week + 2]);
    if (before == history::kNoData || weeks[week] == history::kNoData) break;
    ++looked_at;
    if (weeks[week] > before + kOutdone) ++outdone;
  }
  return (outdone + 0.5) / (looked_at + 2);
}

double Looseness(const sizing::Situation& situation, double limit) {
  const auto& ages = situation.days.by_age;
  const LogCode recent = std::max(*std::max_element(ages.begin(), ages.begin() + 1 + kWeek),
                                  sizing::StartPeak(situation.history));
  if (recent == history::kNoData) return 0;
  return std::log(std::max(1.0, limit / (kTight * history::Decode(recent))));
}

}  // namespace

double Confidence(const sizing::Situation& situation, const sizing::LimitNeed& need) {
  const history::ContainerHistory& history = situation.history;
  if (history.first_minute() == 0) return 0;
  const double days = (history.last_minute() - history.first_minute()) / (24.0 * 60);
  const double surprise = SurpriseRate(situation.days);
  const double z = kOffset - kSurprised * std::log(surprise / (1 - surprise)) -
                   kLoose * Looseness(situation, need.bytes) - (need.trend ? kGrowing : 0) -
                   kYoung / (1 + days);
  const double first_hour = std::min(1.0, days * 24);
  return std::clamp(first_hour / (1 + std::exp(-z)), kLeast, kMost);
}

}  // namespace plimsoll::recommend
