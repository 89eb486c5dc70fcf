// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/selection.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/operator/controllers/policy/policy_builders.h"

namespace plimsoll::policy {
namespace {

TEST_CASE("SelectPolicy: annotation, then name, then labels, then everything") {
  const PolicyPtr everything = APolicy("a-everything", Everything(), 400);
  const PolicyPtr labelled = APolicy("b-labelled", Labelled("tier", "web"), 300);
  const PolicyPtr named = APolicy("c-named", Named("Deployment", "web"), 200);
  const PolicyPtr annotated = APolicy("d-annotated", Named("Deployment", "other"), 100);
  const std::vector<PolicyPtr> all = {everything, labelled, named, annotated};

  CHECK(SelectPolicy(all, ADeployment("plain")).winner == everything);
  CHECK(SelectPolicy(all, ADeployment("plain", {{"tier", "web"}})).winner == labelled);
  CHECK(SelectPolicy(all, ADeployment("web", {{"tier", "web"}})).winner == named);
  CHECK(
      SelectPolicy(all, ADeployment("web", {}, {{"plimsoll.dev/policy", "d-annotated"}})).winner ==
      annotated);
  CHECK(SelectPolicy(all, ADeployment("web")).losers.empty());
}

TEST_CASE("SelectPolicy: of equals the older wins, then the name; any order of reading") {
  const PolicyPtr old = APolicy("z-old", Everything(), 10);
  const PolicyPtr young_a = APolicy("a-young", Everything(), 5);
  const PolicyPtr young_b = APolicy("b-young", Everything(), 5);
  std::vector<PolicyPtr> order = {young_b, old, young_a};
  std::ranges::sort(order);
  do {
    const Selection selection = SelectPolicy(order, ADeployment("web"));
    CHECK(selection.winner == old);
    REQUIRE(selection.losers.size() == 2);
    CHECK(selection.losers[0] == young_a);
  } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("SelectPolicy: another namespace's policies do not reach here") {
  Subject elsewhere = ADeployment("web", {}, {{"plimsoll.dev/policy", "default"}});
  elsewhere.key.ns = "bank";

  const Selection selection = SelectPolicy({APolicy("default", Everything())}, elsewhere);

  CHECK(selection.winner == nullptr);
  REQUIRE(selection.problem.has_value());
  CHECK(selection.problem->find("namespace bank") != std::string::npos);
}

TEST_CASE("SelectPolicy: an annotation that names nothing leaves the usual winner, and is told") {
  const PolicyPtr everything = APolicy("default", Everything());

  const Selection selection =
      SelectPolicy({everything}, ADeployment("web", {}, {{"plimsoll.dev/policy", "defualt"}}));

  CHECK(selection.winner == everything);
  CHECK(selection.problem.value_or("").find("defualt") != std::string::npos);
}

TEST_CASE("Match: a targetRef's apiVersion counts when it is given") {
  CHECK(Match(*APolicy("p", Named("Deployment", "web", "apps/v1")), ADeployment("web")) ==
        MatchRank::kTargetRef);
  CHECK(Match(*APolicy("p", Named("Deployment", "web", "example.org/v1")), ADeployment("web")) ==
        MatchRank::kNone);
  CHECK(Match(*APolicy("p", Named("StatefulSet", "web")), ADeployment("web")) == MatchRank::kNone);
}

}  // namespace
}  // namespace plimsoll::policy
