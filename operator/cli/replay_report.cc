// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/replay_report.h"

#include <fmt/ostream.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "advisor/replay/summary.h"

namespace plimsoll::cli {
namespace {

using replay::Interval;

std::string Cell(const Interval& i, double scale = 1) {
  return fmt::format("{:.1f} ({:.1f}-{:.1f})", scale * i.value, scale * i.low, scale * i.high);
}

void WriteTable(std::ostream& out, std::span<const replay::Variant> variants,
                std::span<const ContainerResult> results) {
  double days = 0;
  for (const auto& result : results) days += result.outcomes.empty() ? 0 : result.outcomes[0].days;
  fmt::print(out, "{} container{}, {:.1f} container-days; mean (95 % interval over containers)\n\n",
             results.size(), results.size() == 1 ? "" : "s", days);
  fmt::print(out, "{:<20} {:>18} {:>18} {:>20} {:>9} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9}\n",
             "ENGINE", "LIMIT SLACK %", "REQUEST SLACK %", "OOM/1000 DAYS", "REPEATS", "AFTER CUT",
             "CHANGE/D", "FLIP/D", "RQ-CH/D", "OVER-RQ%", "THRASH/D", "RECOV MIN");
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const auto s = replay::Summarize(OutcomesOf(results, v));
    fmt::print(out,
               "{:<20} {:>18} {:>18} {:>20} {:>9.1f} {:>9.1f} {:>8.2f} {:>8.3f} {:>8.2f} {:>8.2f} "
               "{:>8.1f} "
               "{:>9.1f}\n",
               variants[v].name, Cell(s.limit_slack, 100), Cell(s.request_slack, 100),
               Cell(s.kills), s.repeat_kills.value, s.kills_after_cut.value,
               s.changes_per_day.value, s.flips_per_day.value, s.request_changes_per_day.value,
               100 * s.over_request_share.value, s.thrash_minutes_per_day.value,
               s.recovery_minutes.value);
  }
}

nlohmann::json OutcomeJson(const replay::Outcome& o) {
  nlohmann::json recoveries = o.recovery_minutes;
  return {{"days", o.days},
          {"limitSlack", o.LimitSlack()},
          {"requestSlack", o.RequestSlack()},
          {"oomKills", o.kills},
          {"repeatKills", o.repeat_kills},
          {"killsAfterCut", o.kills_after_cut},
          {"limitChanges", o.limit_changes},
          {"flips", o.flips},
          {"requestChanges", o.request_changes},
          {"thrashMinutes", o.thrash_minutes},
          {"overRequestMinutes", o.over_request_minutes},
          {"upMinutes", o.up_minutes},
          {"downMinutes", o.down_minutes},
          {"recoveryMinutes", std::move(recoveries)}};
}

void WriteJson(std::ostream& out, std::span<const replay::Variant> variants,
               std::span<const ContainerResult> results) {
  nlohmann::json containers = nlohmann::json::array();
  for (const auto& result : results) {
    nlohmann::json engines = nlohmann::json::object();
    for (std::size_t v = 0; v < variants.size(); ++v) {
      engines[std::string(variants[v].name)] = OutcomeJson(result.outcomes[v]);
    }
    containers.push_back({{"container", result.container}, {"engines", std::move(engines)}});
  }
  out << nlohmann::json{{"containers", std::move(containers)}}.dump(
             2, ' ', false, nlohmann::json::error_handler_t::replace)
      << '\n';
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

void WriteCsv(std::ostream& out, std::span<const replay::Variant> variants,
              std::span<const ContainerResult> results) {
  out << "container,engine,days,limit_slack,request_slack,oom_kills,repeat_kills,kills_after_cut,"
         "limit_changes,flips,request_changes,thrash_minutes,over_request_minutes,up_minutes,down_"
         "minutes\n";
  for (const auto& result : results) {
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const auto& o = result.outcomes[v];
      fmt::print(out, "{},{},{:.4f},{:.4f},{:.4f},{},{},{},{},{},{},{},{},{},{}\n",
                 Quoted(result.container), variants[v].name, o.days, o.LimitSlack(),
                 o.RequestSlack(), o.kills, o.repeat_kills, o.kills_after_cut, o.limit_changes,
                 o.flips, o.request_changes, o.thrash_minutes, o.over_request_minutes, o.up_minutes,
                 o.down_minutes);
    }
  }
}

}  // namespace

Result<ReplayFormat> ParseReplayFormat(std::string_view name) {
  if (name == "table") return ReplayFormat::kTable;
  if (name == "json") return ReplayFormat::kJson;
  if (name == "csv") return ReplayFormat::kCsv;
  if (name == "html") return ReplayFormat::kHtml;
  return Fail(ErrorCode::kInvalid,
              "--output: '" + std::string(name) + "' is none of table, json, csv, html");
}

std::vector<replay::Outcome> OutcomesOf(std::span<const ContainerResult> results,
                                        std::size_t variant) {
  std::vector<replay::Outcome> outcomes;
  outcomes.reserve(results.size());
  for (const auto& result : results) outcomes.push_back(result.outcomes[variant]);
  return outcomes;
}

void WriteReplay(std::ostream& out, ReplayFormat format, std::span<const replay::Variant> variants,
                 std::span<const ContainerResult> results) {
  switch (format) {
    case ReplayFormat::kTable:
      return WriteTable(out, variants, results);
    case ReplayFormat::kJson:
      return WriteJson(out, variants, results);
    case ReplayFormat::kCsv:
      return WriteCsv(out, variants, results);
    case ReplayFormat::kHtml:
      return WriteReplayPage(out, variants, results);
  }
}

}  // namespace plimsoll::cli
