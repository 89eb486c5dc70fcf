// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/goals.h"

#include <fmt/ostream.h>

#include <cmath>
#include <optional>
#include <ostream>

#include "advisor/replay/summary.h"
#include "operator/api/objective.h"
#include "operator/cli/goal.h"

namespace plimsoll::cli {
namespace {

using replay::Family;
using replay::Interval;
using replay::Outcome;

constexpr double kCalibrated = 0.05;

class Card {
 public:
  Card(std::ostream& out, const Evaluation& evaluation)
      : out_(out), evaluation_(evaluation), theirs_(evaluation.All(std::string(kRival))) {}

  void Rows(const std::string& variant, bool guarded, const std::vector<Goal>& goals) {
    const auto ours = evaluation_.All(variant);
    if (ours.empty()) return;
    const auto comparison = replay::Compare(ours, theirs_);
    const auto summary = replay::Summarize(ours);
    for (const auto& goal : goals) {
      const auto measured = goal.measure(comparison, summary);
      const double bound = goal.Bound(guarded);
      fmt::print(out_, "| {} | {} | <= {} | ", goal.name, variant, bound);
      if (!measured) {
        fmt::print(out_, "VPA has none | - |\n");
        continue;
      }
      fmt::print(out_, "{:.3f} ({:.3f}-{:.3f}) | {} |\n", measured->value, measured->low,
                 measured->high, measured->value <= bound ? "met" : "NOT met");
    }
  }

  void Families(const EvaluationPlan& plan, const std::string& variant) {
    if (!evaluation_.outcomes.contains(variant)) return;
    for (const auto* family : plan.families) Exceptions(*family, variant);
  }

 private:
  void Exceptions(const Family& family, const std::string& variant) {
    const std::string name(family.name);
    const auto& ours = evaluation_.outcomes.at(variant).at(name);
    const auto& theirs = evaluation_.outcomes.at(std::string(kRival)).at(name);
    const auto s = replay::Summarize(ours);
    const auto t = replay::Summarize(theirs);
    if (MoreKills(s.kills.value, t.kills.value)) {
      fmt::print(out_, "- {}: {} has {:.1f} kills per 1000 container-days, VPA {:.1f}\n", name,
                 variant, s.kills.value, t.kills.value);
    }
    if (s.kills_after_cut.value > 0 && !family.unpredictable) {
      fmt::print(out_, "- {}: {} has {:.1f} kills within a day after its own cut\n", name, variant,
                 s.kills_after_cut.value);
    }
    if (s.limit_slack.value > t.limit_slack.value) {
      fmt::print(out_, "- {}: limit slack of {} is {:.1f} %, VPA's {:.1f} %\n", name, variant,
                 100 * s.limit_slack.value, 100 * t.limit_slack.value);
    }
  }

  std::ostream& out_;
  const Evaluation& evaluation_;
  std::vector<Outcome> theirs_;
};

void WritePacking(std::ostream& out, const Evaluation& evaluation) {
  if (evaluation.packing.empty()) return;
  fmt::print(out,
             "## On nodes\n\n| engine | nodes | overfull of 1000 node-days | overfull min |\n"
             "|---|---|---|---|\n");
  for (const auto& [name, result] : evaluation.packing) {
    fmt::print(out, "| {} | {:.1f} | {:.1f} | {:.0f} |\n", name, result.mean_nodes,
               result.OverfullPer1000NodeDays(), result.overfull_minutes);
  }
  out << '\n';
}

void WriteFrontier(std::ostream& out, const Evaluation& evaluation,
                   const std::vector<Outcome>& theirs) {
  if (evaluation.frontier.empty()) return;
  fmt::print(out,
             "## Objectives\n\nThe same at every objective; ratios are of VPA's{}.\n\n"
             "| objective | engine | kills | limit slack | request slack | demand above request | "
             "changes a day | flips a day |\n|---|---|---|---|---|---|---|---|\n",
             theirs.empty() ? ", for which vpa-nofloor would have to be among the engines" : "");
  const auto of = [](const std::optional<Interval>& interval) {
    return interval ? fmt::format("{:.3f}", interval->value) : std::string("-");
  };
  for (const auto& [objective, variants] : evaluation.frontier) {
    for (const auto& [name, ours] : variants) {
      const auto c = replay::Compare(ours, theirs);
      const auto s = replay::Summarize(ours);
      fmt::print(out, "| {} | {} | {} | {} | {} | {:.4f} | {:.3f} | {:.3f} |\n",
                 api::NameOf(objective), name, of(c.kills), of(c.limit_slack), of(c.request_slack),
                 s.over_request_share.value, s.changes_per_day.value, s.flips_per_day.value);
    }
  }
  out << '\n';
}

void WriteCalibration(std::ostream& out, const Evaluation& evaluation) {
  if (evaluation.promises.empty()) return;
  fmt::print(
      out,
      "## Confidence\n\nAsked in the first day's hours 1, 3, 6 and 12 and every midnight "
      "of a container without a limit; kept: no demand above the advised limit in the next 7 "
      "days, and their highest demand no further below it than the slack that was stated.\n\n"
      "| confidence | answers | mean confidence | kept | |\n|---|---|---|---|---|\n");
  for (const auto& bin : replay::Reliability(evaluation.promises)) {
    const bool close = std::abs(bin.mean_confidence - bin.share_kept) <= kCalibrated;
    fmt::print(out, "| {:.1f}-{:.1f} | {} | {:.3f} | {:.3f} | {} |\n", bin.from, bin.to,
               bin.promises, bin.mean_confidence, bin.share_kept,
               close ? "within 5 points" : "off");
  }
  fmt::print(out, "\nOf all answers {:.1f} % lie in a row that is within 5 points.\n\n",
             100 * replay::ShareCalibrated(evaluation.promises, kCalibrated));
}

}  // namespace

void WriteGoals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  if (!evaluation.outcomes.contains(std::string(kRival))) return;
  Card card(out, evaluation);
  fmt::print(out,
             "## Goals\n\nVPA is VPA 1.7.1 without its floor; 95 % intervals over containers, in "
             "pairs.\n\n"
             "| goal | engine | bound | measured | |\n|---|---|---|---|---|\n");
  card.Rows("lease", false, SplitGoals());
  card.Rows("lease-guarded", true, SplitGoals());
  card.Rows("lease-equal", false, EqualGoals());
  card.Rows("lease-guarded-equal", true, EqualGoals());
  fmt::print(
      out,
      "\nFamilies where VPA is better, or a kill followed our own cut although the family is "
      "predictable:\n\n");
  card.Families(plan, "lease");
  card.Families(plan, "lease-guarded");
  out << '\n';
}

void WriteAskedFor(std::ostream& out, const Evaluation& evaluation) {
  WritePacking(out, evaluation);
  WriteFrontier(out, evaluation, evaluation.All(std::string(kRival)));
  WriteCalibration(out, evaluation);
}

}  // namespace plimsoll::cli
