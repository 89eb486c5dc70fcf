// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/family_goals.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/replay/summary.h"
#include "operator/cli/goal.h"

namespace plimsoll::cli {
namespace {

using replay::Family;
using replay::Interval;
using replay::Outcome;
using replay::Summary;

struct Regime {
  std::string_view title;
  std::string_view split;  // request and limit as two numbers
  std::string_view equal;  // as one
  bool guarded;
};
constexpr std::array kRegimes = {Regime{"Without the guard", "lease", "lease-equal", false},
                                 Regime{"With the guard, a raise in force within 2 s",
                                        "lease-guarded", "lease-guarded-equal", true}};

struct Cell {
  std::string text = "-";
  std::optional<bool> met{};  // nothing: not asked of this family, or not played
};

struct Pair {
  Summary ours;
  Summary theirs;
  replay::Comparison ratios;
};

Pair Against(const Evaluation& evaluation, std::string_view variant, const std::string& family) {
  const auto& ours = evaluation.outcomes.at(std::string(variant)).at(family);
  const auto& theirs = evaluation.outcomes.at(std::string(kRival)).at(family);
  return {replay::Summarize(ours), replay::Summarize(theirs), replay::Compare(ours, theirs)};
}

Cell Judged(std::string text, bool met) {
  return {met ? std::move(text) : fmt::format("**{}**", text), met};
}

std::string Both(const Interval& ours, const Interval& theirs) {
  return fmt::format("{:.1f} / {:.1f}", ours.value, theirs.value);
}

Cell Judge(const Goal& goal, bool guarded, const Pair& pair) {
  if (const auto measured = goal.measure(pair.ratios, pair.ours)) {
    return Judged(
        fmt::format("{:.3f} ({:.3f}-{:.3f})", measured->value, measured->low, measured->high),
        measured->value <= goal.Bound(guarded));
  }
  if (goal.counted == nullptr) return {};
  const Interval& ours = pair.ours.*goal.counted;
  return Judged(Both(ours, pair.theirs.*goal.counted), ours.value <= goal.few);
}

Cell JudgeAfterCut(const Family& family, const Interval& kills) {
  if (family.unpredictable) return {fmt::format("({:.1f})", kills.value)};
  return Judged(fmt::format("{:.1f}", kills.value), kills.value <= 0);
}

// In the order of Titles.
std::vector<Cell> Cells(const Family& family, const Regime& regime, const Evaluation& evaluation) {
  const std::string name(family.name);
  const Pair pair = Against(evaluation, regime.split, name);
  std::vector<Cell> cells = {Judged(Both(pair.ours.kills, pair.theirs.kills),
                                    !MoreKills(pair.ours.kills.value, pair.theirs.kills.value)),
                             JudgeAfterCut(family, pair.ours.kills_after_cut)};
  for (const auto& goal : SplitGoals()) cells.push_back(Judge(goal, regime.guarded, pair));
  const bool equal_played = evaluation.outcomes.contains(std::string(regime.equal));
  for (const auto& goal : EqualGoals()) {
    cells.push_back(equal_played
                        ? Judge(goal, regime.guarded, Against(evaluation, regime.equal, name))
                        : Cell{});
  }
  return cells;
}

std::vector<std::string> Titles(bool guarded) {
  std::vector<std::string> titles = {"OOM kills / VPA's", "kills after own cut: 0"};
  for (const auto& goals : {SplitGoals(), EqualGoals()}) {
    for (const auto& goal : goals) {
      titles.push_back(fmt::format("{} <= {}", goal.name, goal.Bound(guarded)));
    }
  }
  return titles;
}

void WriteRow(std::ostream& out, std::string_view head, const std::vector<std::string>& texts) {
  fmt::print(out, "| {} |", head);
  for (const auto& text : texts) fmt::print(out, " {} |", text);
  out << '\n';
}

void WriteTable(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation,
                const Regime& regime) {
  const auto titles = Titles(regime.guarded);
  fmt::print(out, "{}:\n\n", regime.title);
  WriteRow(out, "family", titles);
  out << "|---|";
  for (std::size_t i = 0; i < titles.size(); ++i) out << "---|";
  out << '\n';
  std::vector<int> met(titles.size());
  std::vector<int> asked(titles.size());
  for (const auto* family : plan.families) {
    const auto cells = Cells(*family, regime, evaluation);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      texts.push_back(cells[i].text);
      asked[i] += cells[i].met.has_value() ? 1 : 0;
      met[i] += cells[i].met.value_or(false) ? 1 : 0;
    }
    WriteRow(out, family->name, texts);
  }
  std::vector<std::string> counts;
  for (std::size_t i = 0; i < titles.size(); ++i) {
    counts.push_back(asked[i] > 0 ? fmt::format("{} of {}", met[i], asked[i]) : "-");
  }
  WriteRow(out, "families that meet it", counts);
  out << '\n';
}

void WriteCrashLoop(std::ostream& out, const Evaluation& evaluation, std::string_view variant) {
  const auto& families = evaluation.outcomes.at(std::string(variant));
  const auto found = families.find("crash-loop");
  if (found == families.end() || found->second.empty()) return;
  const auto worst = std::ranges::max(found->second, {}, &Outcome::kills).kills;
  fmt::print(out,
             "crash-loop starts at 0.12 of its need; most kills of one container of {}: {} (goal: "
             "at most {}, {}).\n\n",
             variant, worst, kCrashLoopKills, worst <= kCrashLoopKills ? "met" : "NOT met");
}

bool WasPlayed(const Evaluation& evaluation, std::string_view variant) {
  return evaluation.outcomes.contains(std::string(variant));
}

}  // namespace

void WriteFamilyGoals(std::ostream& out, const EvaluationPlan& plan, const Evaluation& evaluation) {
  const auto ours = [&](const Regime& regime) { return WasPlayed(evaluation, regime.split); };
  if (!WasPlayed(evaluation, kRival) || std::ranges::none_of(kRegimes, ours)) return;
  fmt::print(
      out,
      "## Goals by family\n\nThe same goals in every family; in bold: missed. Kills are per 1000 "
      "container-days, ours / VPA's: no more than VPA's, or both at most {}. Where VPA has none, a "
      "ratio has no meaning, and both stand in its place: kills are to be at most {} there, "
      "repeats "
      "none. In parentheses: kills after our own cut where no past tells of the next peak, which "
      "are not judged.\n\n",
      kFewKills, kFewKills);
  for (const auto& regime : kRegimes) {
    if (!ours(regime)) continue;
    WriteTable(out, plan, evaluation, regime);
    WriteCrashLoop(out, evaluation, regime.split);
  }
}

}  // namespace plimsoll::cli
