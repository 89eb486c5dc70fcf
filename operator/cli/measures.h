// SPDX-License-Identifier: Apache-2.0
//
// What a comparison of engines tells: one list, which every output of `replay` and `eval` walks, so
// that none of them can leave a measure or its interval out.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "advisor/replay/summary.h"

namespace plimsoll::cli {

struct Measure {
  std::string_view key;     // in JSON: "limitSlack"
  std::string_view column;  // in CSV, with _low and _high beside it: "limit_slack"
  std::string_view title;   // for people, with its unit: "limit slack %"
  double scale;             // from the unit of JSON and CSV to the title's: 100
  int digits;               // after the point, for people
  // Nothing where there was nothing to measure, which is not 0.
  std::optional<replay::Interval> (*of)(const replay::Summary&);
};

// In the order in which they are shown.
[[nodiscard]] std::span<const Measure> Measures();

// Other containers cannot be drawn from one: it has a mean and no interval.
[[nodiscard]] inline bool HasIntervals(const replay::Summary& summary) {
  return summary.containers > 1;
}

// "38.0 (35.1-41.1)"; "38.0" of one container; "-" where there was nothing to measure.
[[nodiscard]] std::string Text(const Measure& measure, const replay::Summary& summary);

// What was counted, which adds up over containers.
struct Count {
  std::string_view key;
  std::string_view column;
  double (*of)(const replay::Outcome&);
};
[[nodiscard]] std::span<const Count> Counts();
[[nodiscard]] double Sum(const Count& count, std::span<const replay::Outcome> outcomes);

// A Markdown table of engines by measures, which reads as a table in a terminal too.
[[nodiscard]] std::string MarkdownHead();
[[nodiscard]] std::string MarkdownRow(std::string_view engine, const replay::Summary& summary);

}  // namespace plimsoll::cli
