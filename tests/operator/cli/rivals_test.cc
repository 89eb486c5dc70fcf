// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/rivals.h"

#include <doctest/doctest.h>

#include <sstream>

namespace plimsoll::cli {
namespace {

TEST_CASE("Rivals: better on kills or slack and not worse on the other, or it is not better") {
  CHECK(Beats(3, 0.40, 5, 0.40));
  CHECK(Beats(3, 0.40, 3, 0.45));
  CHECK(Beats(3, 0.40, 5, 0.45));
  CHECK_FALSE(Beats(3, 0.40, 3, 0.40));
  CHECK_FALSE(Beats(3, 0.40, 2, 0.50));
  CHECK_FALSE(Beats(3, 0.40, 5, 0.30));
}

replay::Outcome Played(std::int64_t kills, double slack) {
  replay::Outcome outcome;
  outcome.days = 10;
  outcome.up_minutes = 100;
  outcome.limit_slack_sum = 100 * slack;
  outcome.kills = kills;
  return outcome;
}

TEST_CASE("Rivals: every one that is better is named with its family and figures, no other") {
  EvaluationPlan plan;
  plan.families = {*replay::FindFamily("flat"), *replay::FindFamily("outlier")};
  for (const auto* name : {"lease", "lease-equal", "krr", "crane"}) {
    plan.variants.push_back(*replay::FindVariant(name));
  }
  Evaluation evaluation;
  auto& played = evaluation.outcomes;
  played["lease"] = {{"flat", {Played(1, 0.5)}}, {"outlier", {Played(0, 0.2)}}};
  played["lease-equal"] = {{"flat", {Played(0, 0.1)}}, {"outlier", {Played(0, 0.1)}}};
  played["krr"] = {{"flat", {Played(0, 0.5)}}, {"outlier", {Played(1, 0.1)}}};
  played["crane"] = {{"flat", {Played(1, 0.4)}}, {"outlier", {Played(0, 0.2)}}};
  std::ostringstream out;
  WriteRivals(out, plan, evaluation);
  CHECK(out.str() ==
        "## Where a rival is better\n\nFewer kills at no more limit slack, or less limit slack at "
        "no more kills; kills per 1000 container-days and limit slack.\n\n"
        "- flat: lease (100.0 kills, 50.0 %) is beaten by krr (0.0 kills, 50.0 %), crane (100.0 "
        "kills, 40.0 %)\n\n");

  std::ostringstream none;
  plan.families = {*replay::FindFamily("outlier")};
  WriteRivals(none, plan, evaluation);
  CHECK(none.str().find("- in no family\n") != std::string::npos);

  std::ostringstream alone;
  plan.variants.resize(2);
  WriteRivals(alone, plan, evaluation);
  CHECK(alone.str() == "");
}

}  // namespace
}  // namespace plimsoll::cli
