// SPDX-License-Identifier: Apache-2.0
//
// One page, nothing loaded from anywhere: the comparison as a table, and for every container and
// engine a drawing of demand, limit, request and OOM kills on one scale per container.
#include <fmt/ostream.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "advisor/replay/summary.h"
#include "operator/api/text.h"
#include "operator/cli/measures.h"
#include "operator/cli/replay_report.h"

namespace plimsoll::cli {
namespace {

constexpr double kWidth = 800;
constexpr double kHeight = 150;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Plimsoll replay</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark;--ink:#1d2733;--dim:#66707c;--paper:#fff;--line:#d8dde3;--demand:#9db8d3;--limit:#c0392b;--request:#2c6e49;--kill:#8e24aa}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ed;--dim:#97a1ac;--paper:#14191f;--line:#333c46;--demand:#3d5a78;--limit:#ff7b6b;--request:#6fcf97;--kill:#e08bff}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:960px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2.5rem;overflow-wrap:anywhere}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.25rem .7rem;border-bottom:1px solid var(--line);text-align:right}th:first-child,td:first-child{text-align:left}
th{color:var(--dim);font-weight:600}figure{margin:1rem 0}figcaption{color:var(--dim)}figcaption b{color:var(--ink)}
svg{width:100%;height:auto;display:block;border-bottom:1px solid var(--line)}
.demand{fill:var(--demand)}.limit{stroke:var(--limit)}.request{stroke:var(--request);stroke-dasharray:5 3}
.kill{stroke:var(--kill);stroke-dasharray:2 2}
.limit,.request,.kill{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke}
.key span{display:inline-block;width:1.2em;height:.7em;margin:0 .3em 0 1em}
</style></head><body>
<h1>What each engine would have done</h1>
)";

std::string Escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result.push_back(c);
    }
  }
  return result;
}

// Engines side by side, a measure a line, as in the table.
void WriteSummary(std::ostream& out, std::span<const replay::Variant> variants,
                  std::span<const ContainerResult> results) {
  fmt::print(out, "<p>{}</p>\n<div class=\"wide\"><table><tr><th></th>", Heading(results));
  std::vector<replay::Summary> summaries;
  for (std::size_t v = 0; v < variants.size(); ++v) {
    fmt::print(out, "<th>{}</th>", variants[v].name);
    summaries.push_back(replay::Summarize(OutcomesOf(results, v)));
  }
  out << "</tr>\n";
  for (const auto& measure : Measures()) {
    fmt::print(out, "<tr><td>{}</td>", measure.title);
    for (const auto& summary : summaries) fmt::print(out, "<td>{}</td>", Text(measure, summary));
    out << "</tr>\n";
  }
  out << "</table></div>\n";
}

double HighestOf(const ContainerResult& result) {
  float highest = 1;
  for (const auto& plot : result.plots) {
    for (const auto& point : plot.points()) highest = std::max({highest, point.peak, point.limit});
  }
  return highest;
}

// A line through one value of every point; steps for what is set, not sloping between settings.
template <class Value>
void WritePath(std::ostream& out, const PlotSeries& plot, double top, bool closed, Value value) {
  const auto& points = plot.points();
  const double step = kWidth / static_cast<double>(std::max<std::size_t>(points.size(), 1));
  const auto y = [top](double v) { return kHeight * (1 - v / top); };
  if (closed) fmt::print(out, "M0 {:.1f}", kHeight);
  for (std::size_t i = 0; i < points.size(); ++i) {
    fmt::print(out, "{}{:.1f} {:.1f}H{:.1f}", i == 0 && !closed ? "M" : "L",
               static_cast<double>(i) * step, y(value(points[i])),
               static_cast<double>(i + 1) * step);
  }
  if (closed) fmt::print(out, "V{:.1f}Z", kHeight);
}

// A line from top to bottom through every point in which the container was killed.
void WriteKills(std::ostream& out, const PlotSeries& plot) {
  const auto& points = plot.points();
  const double step = kWidth / static_cast<double>(std::max<std::size_t>(points.size(), 1));
  out << "<path class=\"kill\" d=\"";
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].kills == 0) continue;
    fmt::print(out, "M{:.1f} 0V{:.1f}", (static_cast<double>(i) + 0.5) * step, kHeight);
  }
  out << "\"/>";
}

void WriteDrawing(std::ostream& out, const replay::Variant& variant, const replay::Outcome& outcome,
                  const PlotSeries& plot, double top) {
  fmt::print(out,
             "<figure><figcaption><b>{}</b> {}, limit slack {:.1f} %, request slack {:.1f} %; "
             "top of the scale {:.0f} MiB</figcaption>\n<svg viewBox=\"0 0 {} {}\" "
             "preserveAspectRatio=\"none\" role=\"img\" "
             "aria-label=\"demand, limit, request and OOM kills under {}\">",
             variant.name, api::Counted(outcome.kills, "OOM kill"), 100 * outcome.LimitSlack(),
             100 * outcome.RequestSlack(), top / 1048576, kWidth, kHeight, variant.name);
  out << "<path class=\"demand\" d=\"";
  WritePath(out, plot, top, true, [](const auto& p) { return p.peak; });
  out << "\"/><path class=\"limit\" d=\"";
  WritePath(out, plot, top, false, [](const auto& p) { return p.limit; });
  out << "\"/><path class=\"request\" d=\"";
  WritePath(out, plot, top, false, [](const auto& p) { return p.request; });
  out << "\"/>";
  WriteKills(out, plot);
  out << "</svg></figure>\n";
}

}  // namespace

void WriteReplayPage(std::ostream& out, std::span<const replay::Variant> variants,
                     std::span<const ContainerResult> results) {
  out << kHead;
  WriteSummary(out, variants, results);
  out << "<p class=\"key\"><span style=\"background:var(--demand)\"></span>demand (hard memory, "
         "peak)"
         "<span style=\"background:var(--limit)\"></span>limit"
         "<span style=\"background:var(--request)\"></span>request (dashed)"
         "<span style=\"background:var(--kill)\"></span>OOM kill (dotted, from top to "
         "bottom)</p>\n";
  if (results.size() > kMaxDrawn) {
    fmt::print(out,
               "<p>Drawn: the {} containers that come first in the trace, of {}; the table is of "
               "all.</p>\n",
               kMaxDrawn, results.size());
  }
  for (const auto& result : results) {
    if (result.plots.empty()) continue;
    fmt::print(out, "<h2>{}</h2>\n<p>{} to {}</p>\n", Escaped(result.container),
               api::FormatTime(result.from), api::FormatTime(result.to));
    const double top = 1.05 * HighestOf(result);
    for (std::size_t v = 0; v < variants.size(); ++v) {
      WriteDrawing(out, variants[v], result.outcomes[v], result.plots[v], top);
    }
  }
  out << "</body></html>\n";
}

}  // namespace plimsoll::cli
