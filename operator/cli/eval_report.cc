// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/eval_report.h"

#include <fmt/ostream.h>
#include <nlohmann/json.hpp>
#include <ostream>

#include "advisor/replay/summary.h"
#include "operator/cli/goals.h"

namespace plimsoll::cli {
namespace {

using replay::Interval;
using replay::Summary;

std::string Percent(const Interval& i) {
  return fmt::format("{:.1f} ({:.1f}-{:.1f})", 100 * i.value, 100 * i.low, 100 * i.high);
}
std::string Plain(const Interval& i) {
  return fmt::format("{:.1f} ({:.1f}-{:.1f})", i.value, i.low, i.high);
}

constexpr std::string_view kHeader =
    "| engine | limit slack % | request slack % | kills | repeats | after cut | changes/d | "
    "flips/d | request changes/d | over request % | thrash min/d | recovery min "
    "|\n|---|---|---|---|---|---|---|---|---|---|---|---|\n";

void WriteRow(std::ostream& out, std::string_view name, const Summary& s) {
  fmt::print(out,
             "| {} | {} | {} | {} | {:.1f} | {:.1f} | {:.2f} | {:.3f} | {:.2f} | {:.2f} | {:.1f} | "
             "{:.1f} |\n",
             name, Percent(s.limit_slack), Percent(s.request_slack), Plain(s.kills),
             s.repeat_kills.value, s.kills_after_cut.value, s.changes_per_day.value,
             s.flips_per_day.value, s.request_changes_per_day.value,
             100 * s.over_request_share.value, s.thrash_minutes_per_day.value,
             s.recovery_minutes.value);
}

// Markdown tables, which read as tables in a terminal too.
void WriteTables(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  fmt::print(out, "{} families x {} seeds from {} on, {} days each.\n\n", plan.families.size(),
             plan.seeds, plan.first_seed, plan.days);
  WriteGoals(out, plan, evaluation);
  fmt::print(out, "## All families\n\n{}", kHeader);
  for (const auto& variant : plan.variants) {
    WriteRow(out, variant.name, replay::Summarize(evaluation.All(std::string(variant.name))));
  }
  for (const auto* family : plan.families) {
    fmt::print(out, "\n## {}\n\n{}{}{}.\n\n{}", family->name,
               family->scenario > 0 ? fmt::format("Scenario {}, ", family->scenario) : "",
               family->late ? "left out at first: " : "", family->what, kHeader);
    for (const auto& variant : plan.variants) {
      const auto& outcomes =
          evaluation.outcomes.at(std::string(variant.name)).at(std::string(family->name));
      WriteRow(out, variant.name, replay::Summarize(outcomes));
    }
  }
}

nlohmann::json Json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

void WriteJson(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  nlohmann::json document = nlohmann::json::array();
  for (const auto& variant : plan.variants) {
    for (const auto* family : plan.families) {
      const auto s = replay::Summarize(
          evaluation.outcomes.at(std::string(variant.name)).at(std::string(family->name)));
      document.push_back({{"engine", variant.name},
                          {"family", family->name},
                          {"leftOutAtFirst", family->late},
                          {"containers", s.containers},
                          {"limitSlack", Json(s.limit_slack)},
                          {"requestSlack", Json(s.request_slack)},
                          {"killsPer1000Days", Json(s.kills)},
                          {"repeatKillsPer1000Days", Json(s.repeat_kills)},
                          {"killsAfterCutPer1000Days", Json(s.kills_after_cut)},
                          {"changesPerDay", Json(s.changes_per_day)},
                          {"flipsPerDay", Json(s.flips_per_day)},
                          {"requestChangesPerDay", Json(s.request_changes_per_day)},
                          {"thrashMinutesPerDay", Json(s.thrash_minutes_per_day)},
                          {"overRequestShare", Json(s.over_request_share)},
                          {"recoveryMinutes", Json(s.recovery_minutes)}});
    }
  }
  out << document.dump(2) << '\n';
}

}  // namespace

Result<ReportFormat> ParseReportFormat(std::string_view name) {
  if (name == "table") return ReportFormat::kTable;
  if (name == "markdown") return ReportFormat::kMarkdown;
  if (name == "json") return ReportFormat::kJson;
  return Fail(ErrorCode::kInvalid,
              "--output: '" + std::string(name) + "' is none of table, markdown, json");
}

void WriteReport(std::ostream& out, ReportFormat format, const EvaluationPlan& plan,
                 const Evaluation& evaluation) {
  if (format == ReportFormat::kJson) {
    WriteJson(out, plan, evaluation);
  } else {
    WriteTables(out, plan, evaluation);
  }
}

}  // namespace plimsoll::cli
