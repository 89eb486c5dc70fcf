// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/rivals.h"

#include <fmt/ostream.h>

#include <array>
#include <ostream>
#include <string>
#include <string_view>

#include "advisor/replay/engines.h"
#include "advisor/replay/summary.h"

namespace plimsoll::cli {
namespace {

// Request and limit apart: where they must be one number, the limit is the same.
constexpr std::array<std::string_view, 2> kOurs = {"lease", "lease-guarded"};

std::string Figures(const replay::Summary& summary) {
  return fmt::format("{:.1f} kills, {:.1f} %", summary.kills.value,
                     100 * summary.limit_slack.value);
}

// ", krr (0.0 kills, 31.0 %)" of every rival that is better; empty: none is.
std::string BetterThan(const replay::Summary& ours, const EvaluationPlan& plan,
                       const Evaluation& evaluation, const std::string& family) {
  std::string better;
  for (const auto& variant : plan.variants) {
    if (variant.engine == replay::kOurEngine) continue;
    const auto theirs =
        replay::Summarize(evaluation.outcomes.at(std::string(variant.name)).at(family));
    if (!Beats(theirs.kills.value, theirs.limit_slack.value, ours.kills.value,
               ours.limit_slack.value)) {
      continue;
    }
    better += fmt::format(", {} ({})", variant.name, Figures(theirs));
  }
  return better;
}

}  // namespace

bool Beats(double kills, double slack, double our_kills, double our_slack) {
  return (kills < our_kills && slack <= our_slack) || (slack < our_slack && kills <= our_kills);
}

void WriteRivals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  std::string lines;
  bool compared = false;
  for (const auto name : kOurs) {
    const auto found = evaluation.outcomes.find(std::string(name));
    if (found == evaluation.outcomes.end()) continue;
    for (const auto& variant : plan.variants) compared |= variant.engine != replay::kOurEngine;
    for (const auto* family : plan.families) {
      const std::string family_name(family->name);
      const auto ours = replay::Summarize(found->second.at(family_name));
      const auto better = BetterThan(ours, plan, evaluation, family_name);
      if (better.empty()) continue;
      lines += fmt::format("- {}: {} ({}) is beaten by{}\n", family_name, name, Figures(ours),
                           better.substr(1));
    }
  }
  if (!compared) return;
  fmt::print(out,
             "## Where a rival is better\n\nFewer kills at no more limit slack, or less limit "
             "slack at no more kills; kills per 1000 container-days and limit slack.\n\n{}\n",
             lines.empty() ? "- in no family\n" : lines);
}

}  // namespace plimsoll::cli
