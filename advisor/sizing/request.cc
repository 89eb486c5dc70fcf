// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/request.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "advisor/history/log_code.h"
#include "advisor/sizing/lease.h"
#include "advisor/sizing/oom_search.h"

namespace plimsoll::sizing {
namespace {

using history::LogCode;

constexpr int kHours = 7 * 24;
constexpr int kSustainedHours = 3;
constexpr double kPartOfMargin = 0.35;
constexpr double kOrdinaryMargin = 0.06;
constexpr history::Minute kNodeKillRemembered = 7 * 24 * 60;

// The largest but `above` of these: counted by level from the top, since sorting costs more than
// all else. Levels far below the highest share the last count and are told apart only if it comes
// to that.
std::uint16_t LargestBut(std::span<std::uint16_t> values, std::size_t above) {
  std::array<std::uint8_t, 256> counts{};
  const std::uint16_t top = std::ranges::max(values);
  for (const std::uint16_t value : values)
    ++counts[std::min<std::size_t>(counts.size() - 1, top - value)];
  std::size_t seen = 0;
  for (std::size_t below = 0; below + 1 < counts.size(); ++below) {
    seen += counts[below];
    if (seen > above) return static_cast<std::uint16_t>(top - below);
  }
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(above),
                           std::greater<>());
  return values[above];
}

// The level that 90 % of the hours do not exceed (nearest rank); 0 without any.
double HourlyP90(const Situation& situation) {
  std::array<std::uint16_t, kHours> levels{};
  // Hours before a fall of the level that came to stay tell nothing of the new one.
  const history::Hour first =
      std::max(situation.hour - kHours + 1, situation.history.drift().fall_day * 24);
  const std::size_t count = situation.history.peaks().CopyHours(first, situation.hour, levels);
  if (count == 0) return 0;
  const std::size_t above = count - (count * 90 + 99) / 100;
  return history::PeakRings::CoarseBytes(LargestBut(std::span(levels.data(), count), above));
}

// What each of the last three complete hours reached: a new level, not a peak.
LogCode SustainedLevel(const history::PeakRings& peaks, history::Hour now) {
  LogCode lowest = 0xFFFF;
  for (int back = 1; back <= kSustainedHours; ++back) {
    lowest = std::min(lowest, peaks.HourPeak(now - back));
  }
  return lowest;
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

double UsedMemory(const Situation& situation, Ledger& ledger, recommend::ReasonSet& reasons) {
  std::array<Entry, 4> terms;
  std::size_t count = 0;
  if (const double p90 = HourlyP90(situation); p90 > 0) {
    terms[count++] = {"p90 of hourly peaks, 7 days", p90};
  }
  if (const LogCode level = SustainedLevel(situation.history.peaks(), situation.hour);
      level != history::kNoData) {
    terms[count++] = {"level of the last 3 hours", history::Decode(level)};
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
  // Nothing in the last week: the highest of the days still known.
  if (count == 0) terms[count++] = {"highest peak", history::Decode(situation.days.highest)};
  return ledger.MaxOf("request.used", std::span(terms.data(), count));
}

}  // namespace

double NeededRequest(const Situation& situation, const LimitNeed& need, double limit,
                     Ledger& ledger, recommend::ReasonSet& reasons) {
  double request = need.runs ? need.runs->request : UsedMemory(situation, ledger, reasons);
  const double beyond = ledger.Subtract(
      "request.margin_beyond",
      {{"limit.margin", need.margin}, {"what every container has", kOrdinaryMargin}}, "ratio");
  const double wide =
      ledger.Max("request.margin_used", {{"request.margin_beyond", beyond}, {"none", 0}}, "ratio");
  const double part = ledger.Multiply(
      "request.margin", {{"request.margin_used", wide}, {"part", kPartOfMargin}}, "ratio");
  const double factor =
      ledger.Add("request.one_and_margin", {{"one", 1}, {"request.margin", part}}, "ratio");
  request = ledger.Multiply(
      "request.with_margin",
      {{need.runs ? "runs.request" : "request.used", request}, {"request.one_and_margin", factor}});
  if (need.cache && need.cache->bytes > 0) {
    request = ledger.Add("request.with_cache",
                         {{"request.with_margin", request}, {"cache.needed", need.cache->bytes}});
  } else {
    request = ledger.Add("request.with_cache", {{"request.with_margin", request}});
  }
  request = ledger.Max("request.with_trend", {{"request.with_cache", request},
                                              {"limit.trend", need.trend ? need.trend->ahead : 0}});
  return ledger.Min("request.needed", {{"request.with_trend", request}, {"the limit", limit}});
}

}  // namespace plimsoll::sizing
