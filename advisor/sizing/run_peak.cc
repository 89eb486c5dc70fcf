// SPDX-License-Identifier: Apache-2.0
#include "advisor/sizing/run_peak.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>

#include "advisor/history/log_code.h"

namespace plimsoll::sizing {
namespace {

constexpr double kSigmaPerMad = 1.4826;
constexpr double kShareOfSpread = 0.5;
constexpr double kLeast = 0.10;
constexpr double kMost = 0.50;

struct Runs {
  std::array<history::LogCode, history::StartLog::kStarts> peaks{};
  std::size_t count = 0;
  [[nodiscard]] auto Middle() { return peaks.begin() + static_cast<std::ptrdiff_t>(count / 2); }
  [[nodiscard]] auto End() { return peaks.begin() + static_cast<std::ptrdiff_t>(count); }
};

double Spread(Runs& runs, history::LogCode middle) {
  std::array<int, history::StartLog::kStarts> away{};
  for (std::size_t i = 0; i < runs.count; ++i) away[i] = std::abs(runs.peaks[i] - middle);
  const auto half = away.begin() + static_cast<std::ptrdiff_t>(runs.count / 2);
  std::nth_element(away.begin(), half, away.begin() + static_cast<std::ptrdiff_t>(runs.count));
  return kSigmaPerMad * *half * history::kLnPerStep;
}

}  // namespace

std::optional<RunNeed> NeededByRuns(const Situation& situation, Ledger& ledger) {
  Runs runs;
  for (const history::StartRecord& start : situation.history.starts().starts()) {
    if (start.run_peak != history::kNoData) runs.peaks[runs.count++] = start.run_peak;
  }
  if (runs.count == 0) return std::nullopt;
  std::nth_element(runs.peaks.begin(), runs.Middle(), runs.End());
  const history::LogCode middle = *runs.Middle();
  const double highest = history::Decode(*std::max_element(runs.peaks.begin(), runs.End()));

  const double spread = ledger.Input("runs.spread", Spread(runs, middle), "ratio");
  const double share = ledger.Multiply(
      "runs.spread_share", {{"runs.spread", spread}, {"share", kShareOfSpread}}, "ratio");
  const double least = ledger.Max("runs.margin_at_least",
                                  {{"runs.spread_share", share}, {"least", kLeast}}, "ratio");
  const double margin =
      ledger.Min("runs.margin", {{"runs.margin_at_least", least}, {"most", kMost}}, "ratio");
  const double factor =
      ledger.Add("runs.one_and_margin", {{"one", 1}, {"runs.margin", margin}}, "ratio");
  return RunNeed{.limit = ledger.Multiply("runs.limit", {{"highest run peak", highest},
                                                         {"runs.one_and_margin", factor}}),
                 .request = ledger.Input("runs.request", history::Decode(middle))};
}

}  // namespace plimsoll::sizing
