// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/measures.h"

#include <fmt/format.h>

#include <array>

namespace plimsoll::cli {
namespace {

using replay::Interval;
using replay::Outcome;
using replay::Summary;

template <Interval Summary::* kMember>
std::optional<Interval> The(const Summary& summary) {
  if (summary.containers == 0) return std::nullopt;
  return summary.*kMember;
}

template <auto kMember>
double Counted(const Outcome& outcome) {
  return static_cast<double>(outcome.*kMember);
}

constexpr std::array kMeasures = {
    Measure{"limitSlack", "limit_slack", "limit slack %", 100, 1, The<&Summary::limit_slack>},
    Measure{"requestSlack", "request_slack", "request slack %", 100, 1,
            The<&Summary::request_slack>},
    Measure{"killsPer1000Days", "kills_per_1000_days", "OOM kills/1000 d", 1, 1,
            The<&Summary::kills>},
    Measure{"repeatKillsPer1000Days", "repeat_kills_per_1000_days", "repeats in 1 h/1000 d", 1, 1,
            The<&Summary::repeat_kills>},
    Measure{"killsAfterCutPer1000Days", "kills_after_cut_per_1000_days", "after cut/1000 d", 1, 1,
            The<&Summary::kills_after_cut>},
    Measure{"changesPerDay", "changes_per_day", "limit changes/d", 1, 2,
            The<&Summary::changes_per_day>},
    Measure{"flipsPerDay", "flips_per_day", "flips/d", 1, 3, The<&Summary::flips_per_day>},
    Measure{"requestChangesPerDay", "request_changes_per_day", "request changes/d", 1, 2,
            The<&Summary::request_changes_per_day>},
    Measure{"overRequestShare", "over_request_share", "minutes over request %", 100, 2,
            The<&Summary::over_request_share>},
    Measure{"thrashMinutesPerDay", "thrash_minutes_per_day", "thrash min/d", 1, 1,
            The<&Summary::thrash_minutes_per_day>},
    Measure{"recoveryMinutes", "recovery_minutes", "recovery min", 1, 1,
            [](const Summary& summary) { return summary.recovery_minutes; }},
};

constexpr std::array kCounts = {
    Count{"days", "days", Counted<&Outcome::days>},
    Count{"upMinutes", "up_minutes", Counted<&Outcome::up_minutes>},
    Count{"downMinutes", "down_minutes", Counted<&Outcome::down_minutes>},
    Count{"oomKills", "oom_kills", Counted<&Outcome::kills>},
    Count{"repeatKills", "repeat_kills", Counted<&Outcome::repeat_kills>},
    Count{"killsAfterCut", "kills_after_cut", Counted<&Outcome::kills_after_cut>},
    Count{"limitChanges", "limit_changes", Counted<&Outcome::limit_changes>},
    Count{"flips", "flips", Counted<&Outcome::flips>},
    Count{"requestChanges", "request_changes", Counted<&Outcome::request_changes>},
    Count{"overRequestMinutes", "over_request_minutes", Counted<&Outcome::over_request_minutes>},
    Count{"thrashMinutes", "thrash_minutes", Counted<&Outcome::thrash_minutes>},
};

}  // namespace

std::span<const Measure> Measures() { return kMeasures; }
std::span<const Count> Counts() { return kCounts; }

double Sum(const Count& count, std::span<const Outcome> outcomes) {
  double sum = 0;
  for (const auto& outcome : outcomes) sum += count.of(outcome);
  return sum;
}

std::string Text(const Measure& measure, const Summary& summary) {
  const auto interval = measure.of(summary);
  if (!interval) return "-";
  const auto shown = [&measure](double value) {
    return fmt::format("{:.{}f}", measure.scale * value, measure.digits);
  };
  if (!HasIntervals(summary)) return shown(interval->value);
  return fmt::format("{} ({}-{})", shown(interval->value), shown(interval->low),
                     shown(interval->high));
}

std::string MarkdownHead() {
  std::string titles = "| engine |";
  std::string rule = "|---|";
  for (const auto& measure : Measures()) {
    titles += fmt::format(" {} |", measure.title);
    rule += "---|";
  }
  return titles + "\n" + rule + "\n";
}

std::string MarkdownRow(std::string_view engine, const Summary& summary) {
  std::string row = fmt::format("| {} |", engine);
  for (const auto& measure : Measures()) row += fmt::format(" {} |", Text(measure, summary));
  return row + "\n";
}

}  // namespace plimsoll::cli
