// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/replay_report.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <ostream>

#include "advisor/replay/summary.h"
#include "operator/api/text.h"
#include "operator/cli/measures.h"
#include "operator/cli/measures_json.h"

namespace plimsoll::cli {
namespace {

constexpr std::size_t kEnginesABlock = 4;  // side by side, as many as a terminal is wide

std::vector<replay::Summary> Summaries(std::span<const replay::Variant> variants,
                                       std::span<const ContainerResult> results) {
  std::vector<replay::Summary> summaries;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    summaries.push_back(replay::Summarize(OutcomesOf(results, v)));
  }
  return summaries;
}

// Engines side by side, a measure a line.
void WriteTable(std::ostream& out, std::span<const replay::Variant> variants,
                std::span<const ContainerResult> results) {
  fmt::print(out, "{}\n", Heading(results));
  const auto summaries = Summaries(variants, results);
  for (std::size_t begin = 0; begin < variants.size(); begin += kEnginesABlock) {
    const auto end = std::min(begin + kEnginesABlock, variants.size());
    fmt::print(out, "\n{:<22}", "");
    for (std::size_t v = begin; v < end; ++v) fmt::print(out, " {:>22}", variants[v].name);
    out << '\n';
    for (const auto& measure : Measures()) {
      fmt::print(out, "{:<22}", measure.title);
      for (std::size_t v = begin; v < end; ++v) {
        fmt::print(out, " {:>22}", Text(measure, summaries[v]));
      }
      out << '\n';
    }
  }
}

void WriteMarkdown(std::ostream& out, std::span<const replay::Variant> variants,
                   std::span<const ContainerResult> results) {
  fmt::print(out, "{}\n\n{}", Heading(results), MarkdownHead());
  const auto summaries = Summaries(variants, results);
  for (std::size_t v = 0; v < variants.size(); ++v) {
    out << MarkdownRow(variants[v].name, summaries[v]);
  }
}

nlohmann::json Number(double value) {
  if (value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

nlohmann::json CountsJson(std::span<const replay::Outcome> outcomes) {
  nlohmann::json counts = nlohmann::json::object();
  for (const auto& count : Counts()) counts[std::string(count.key)] = Number(Sum(count, outcomes));
  return counts;
}

// Of one container the measures are plain numbers: there is nothing to draw an interval from.
nlohmann::json ContainerJson(const replay::Outcome& outcome) {
  auto told = CountsJson({&outcome, 1});
  const auto summary = replay::Summarize({&outcome, 1});
  for (const auto& measure : Measures()) {
    auto& value = told[std::string(measure.key)];
    if (const auto interval = measure.of(summary)) value = interval->value;
  }
  told["recoveries"] = outcome.recovery_minutes;
  return told;
}

void WriteJson(std::ostream& out, std::span<const replay::Variant> variants,
               std::span<const ContainerResult> results) {
  nlohmann::json overall = nlohmann::json::object();
  for (std::size_t v = 0; v < variants.size(); ++v) {
    const auto outcomes = OutcomesOf(results, v);
    auto& told = overall[std::string(variants[v].name)] = CountsJson(outcomes);
    told.update(MeasuresJson(replay::Summarize(outcomes)));
  }
  nlohmann::json containers = nlohmann::json::array();
  for (const auto& result : results) {
    nlohmann::json engines = nlohmann::json::object();
    for (std::size_t v = 0; v < variants.size(); ++v) {
      engines[std::string(variants[v].name)] = ContainerJson(result.outcomes[v]);
    }
    containers.push_back({{"container", result.container}, {"engines", std::move(engines)}});
  }
  const nlohmann::json document = {{"overall", std::move(overall)},
                                   {"containers", std::move(containers)}};
  out << document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted.push_back('"');
    quoted.push_back(c);
  }
  return quoted + "\"";
}

void WriteCsvRow(std::ostream& out, std::string_view head,
                 std::span<const replay::Outcome> outcomes) {
  out << head;
  for (const auto& count : Counts()) fmt::print(out, ",{:.10g}", Sum(count, outcomes));
  const auto summary = replay::Summarize(outcomes);
  for (const auto& measure : Measures()) {
    const auto interval = measure.of(summary);
    if (!interval) {
      out << ",,,";
    } else if (!HasIntervals(summary)) {
      fmt::print(out, ",{:.6g},,", interval->value);
    } else {
      fmt::print(out, ",{:.6g},{:.6g},{:.6g}", interval->value, interval->low, interval->high);
    }
  }
  out << '\n';
}

// A line an engine over all containers, with the intervals; then one a container and engine.
void WriteCsv(std::ostream& out, std::span<const replay::Variant> variants,
              std::span<const ContainerResult> results) {
  out << "scope,container,engine";
  for (const auto& count : Counts()) fmt::print(out, ",{}", count.column);
  for (const auto& measure : Measures()) fmt::print(out, ",{0},{0}_low,{0}_high", measure.column);
  out << '\n';
  for (std::size_t v = 0; v < variants.size(); ++v) {
    WriteCsvRow(out, fmt::format("all,,{}", variants[v].name), OutcomesOf(results, v));
  }
  for (const auto& result : results) {
    for (std::size_t v = 0; v < variants.size(); ++v) {
      WriteCsvRow(out, fmt::format("container,{},{}", Quoted(result.container), variants[v].name),
                  {&result.outcomes[v], 1});
    }
  }
}

}  // namespace

Result<ReplayFormat> ParseReplayFormat(std::string_view name) {
  if (name == "table") return ReplayFormat::kTable;
  if (name == "markdown") return ReplayFormat::kMarkdown;
  if (name == "json") return ReplayFormat::kJson;
  if (name == "csv") return ReplayFormat::kCsv;
  if (name == "html") return ReplayFormat::kHtml;
  return Fail(ErrorCode::kInvalid,
              "--output: '" + std::string(name) + "' is none of table, markdown, json, csv, html");
}

std::string Heading(std::span<const ContainerResult> results) {
  double days = 0;
  for (const auto& result : results) days += result.outcomes.empty() ? 0 : result.outcomes[0].days;
  return fmt::format("{}, {:.1f} container-days; {}",
                     api::Counted(static_cast<std::int64_t>(results.size()), "container"), days,
                     results.size() > 1
                         ? "mean (95 % interval over containers)"
                         : "no intervals, which are over containers and need more than one");
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
    case ReplayFormat::kMarkdown:
      return WriteMarkdown(out, variants, results);
    case ReplayFormat::kJson:
      return WriteJson(out, variants, results);
    case ReplayFormat::kCsv:
      return WriteCsv(out, variants, results);
    case ReplayFormat::kHtml:
      return WriteReplayPage(out, variants, results);
  }
}

}  // namespace plimsoll::cli
