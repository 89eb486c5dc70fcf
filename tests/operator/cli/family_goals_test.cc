// SPDX-License-Identifier: Apache-2.0
#include "operator/cli/family_goals.h"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "operator/cli/goal.h"

namespace plimsoll::cli {
namespace {

// Of one container over 100 days, so a kill is 10 of 1000 container-days.
replay::Outcome Played(std::int64_t kills, double slack) {
  replay::Outcome outcome;
  outcome.days = 100;
  outcome.up_minutes = 1000;
  outcome.limit_slack_sum = 1000 * slack;
  outcome.request_slack_sum = 1000 * slack;
  outcome.kills = kills;
  return outcome;
}

replay::Outcome AfterCut(replay::Outcome outcome) {
  outcome.kills_after_cut = 1;
  return outcome;
}

struct Fixture {
  EvaluationPlan plan;
  Evaluation evaluation;

  Fixture() {
    plan.families = {*replay::FindFamily("flat"), *replay::FindFamily("outlier"),
                     *replay::FindFamily("crash-loop")};
    auto& played = evaluation.outcomes;
    played["lease"] = {{"flat", {AfterCut(Played(1, 0.2))}},
                       {"outlier", {AfterCut(Played(1, 0.1))}},
                       {"crash-loop", {Played(0, 0.1), Played(4, 0.1)}}};
    played["vpa-nofloor"] = {{"flat", {Played(0, 0.1)}},
                             {"outlier", {Played(10, 0.4)}},
                             {"crash-loop", {Played(50, 0.4), Played(50, 0.4)}}};
    played["vpa-nofloor"]["outlier"][0].repeat_kills = 5;
    played["lease"]["outlier"][0].repeat_kills = 1;
    played["lease"]["outlier"][0].over_request_minutes = 11;
    played["lease"]["outlier"][0].limit_changes = 40;
    played["lease"]["outlier"][0].flips = 6;
  }

  std::string Written() {
    std::ostringstream out;
    WriteFamilyGoals(out, plan, evaluation);
    return out.str();
  }
};

TEST_CASE_FIXTURE(Fixture,
                  "Family goals: every miss is marked, and what is met at its bound is not") {
  const std::string text = Written();
  CAPTURE(text);
  CHECK(text.find("| flat | **10.0 / 0.0** | **10.0** | **10.0 / 0.0** | 0.0 / 0.0 | "
                  "**2.000 (2.000-2.000)** | **2.000 (2.000-2.000)** | 0.000 (0.000-0.000) | "
                  "0.000 (0.000-0.000) | 0.000 (0.000-0.000) | - |\n") != std::string::npos);
  CHECK(text.find(
            "| outlier | 10.0 / 100.0 | (10.0) | 0.100 (0.100-0.100) | "
            "**0.200 (0.200-0.200)** | 0.250 (0.250-0.250) | 0.250 (0.250-0.250) | "
            "**0.011 (0.011-0.011)** | 0.400 (0.400-0.400) | **0.060 (0.060-0.060)** | - |\n") !=
        std::string::npos);
  CHECK(text.find("| families that meet it | 2 of 3 | 1 of 2 | 2 of 3 | 2 of 3 | 2 of 3 | 2 of 3 | "
                  "2 of 3 | 3 of 3 | 2 of 3 | - |\n") != std::string::npos);
  CHECK(text.find("most kills of one container of lease: 4 (goal: at most 3, NOT met)") !=
        std::string::npos);
  CHECK(text.find("With the guard") == std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "Family goals: with the guard bounds are the guard's; both numbers as one") {
  auto& played = evaluation.outcomes;
  played["lease-guarded"] = {{"flat", {Played(0, 0.08)}},
                             {"outlier", {Played(1, 0.1)}},
                             {"crash-loop", {Played(3, 0.1), Played(0, 0.1)}}};
  played["lease-guarded-equal"] = played["lease-guarded"];
  const std::string text = Written();
  CAPTURE(text);
  CHECK(text.find("limit slack, of VPA's <= 0.75 |") != std::string::npos);
  CHECK(text.find("| flat | 0.0 / 0.0 | 0.0 | 0.0 / 0.0 | 0.0 / 0.0 | **0.800 (0.800-0.800)** | "
                  "**0.800 (0.800-0.800)** | 0.000 (0.000-0.000) | 0.000 (0.000-0.000) | "
                  "0.000 (0.000-0.000) | **0.800 (0.800-0.800)** |\n") != std::string::npos);
  CHECK(text.find("lease-guarded: 3 (goal: at most 3, met)") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture,
                  "Family goals: without VPA, or with none of ours, there is nothing to say") {
  auto without_ours = evaluation;
  without_ours.outcomes.erase("lease");
  evaluation.outcomes.erase("vpa-nofloor");
  CHECK(Written() == "");
  evaluation = without_ours;
  CHECK(Written() == "");
}

TEST_CASE("Goals: kills are more than VPA's only where one of both has more than a few") {
  CHECK(MoreKills(4.8, 0));
  CHECK(MoreKills(4.8, 1.9));
  CHECK_FALSE(MoreKills(1.9, 0));
  CHECK_FALSE(MoreKills(2, 0));
  CHECK_FALSE(MoreKills(4.8, 4.8));
}

}  // namespace
}  // namespace plimsoll::cli
