// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/eval_report.h"

#include <fmt/ostream.h>
#include <nlohmann/json.hpp>
#include <ostream>

#include "advisor/replay/summary.h"
#include "operator/cli/family_goals.h"
#include "operator/cli/goals.h"
#include "operator/cli/measures.h"
#include "operator/cli/measures_json.h"
#include "operator/cli/rivals.h"

namespace plimsoll::cli {
namespace {

// Markdown tables, which read as tables in a terminal too.
void WriteTables(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  fmt::print(out, "{} families x {} seeds from {} on, {} days each.\n\n", plan.families.size(),
             plan.seeds, plan.first_seed, plan.days);
  WriteGoals(out, plan, evaluation);
  WriteAskedFor(out, evaluation);
  WriteFamilyGoals(out, plan, evaluation);
  WriteRivals(out, plan, evaluation);
  fmt::print(out, "## All families\n\n{}", MarkdownHead());
  for (const auto& variant : plan.variants) {
    out << MarkdownRow(variant.name, replay::Summarize(evaluation.All(std::string(variant.name))));
  }
  for (const auto* family : plan.families) {
    fmt::print(out, "\n## {}\n\n{}{}{}.\n\n{}", family->name,
               family->scenario > 0 ? fmt::format("Scenario {}, ", family->scenario) : "",
               family->late ? "left out at first: " : "", family->what, MarkdownHead());
    for (const auto& variant : plan.variants) {
      const auto& outcomes =
          evaluation.outcomes.at(std::string(variant.name)).at(std::string(family->name));
      out << MarkdownRow(variant.name, replay::Summarize(outcomes));
    }
  }
}

nlohmann::json Row(const Evaluation& evaluation, const replay::Variant& variant,
                   const replay::Family& family) {
  const auto& outcomes =
      evaluation.outcomes.at(std::string(variant.name)).at(std::string(family.name));
  auto row = MeasuresJson(replay::Summarize(outcomes));
  row["engine"] = variant.name;
  row["family"] = family.name;
  row["leftOutAtFirst"] = family.late;
  row["containers"] = outcomes.size();
  return row;
}

void WriteJson(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  nlohmann::json document = nlohmann::json::array();
  for (const auto& variant : plan.variants) {
    for (const auto* family : plan.families) {
      document.push_back(Row(evaluation, variant, *family));
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
