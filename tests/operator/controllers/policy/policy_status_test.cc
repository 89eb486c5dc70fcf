// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/policy_status.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/operator/controllers/policy/policy_builders.h"

namespace plimsoll::policy {
namespace {
using namespace literals;

const TimePoint kNow(std::chrono::hours(2000));

const api::Condition& Accepted(const api::MemoryPolicy& policy) {
  return policy.status.conditions.front();
}

TEST_CASE("PlanStatuses: counts the workloads a policy is in force for") {
  const std::vector<api::MemoryPolicy> changed =
      PlanStatuses({APolicy("default", Everything()), APolicy("web", Named("Deployment", "web"))},
                   {ADeployment("web"), ADeployment("cart"), ADeployment("db")}, kNow);

  REQUIRE(changed.size() == 2);
  CHECK(changed[0].status.matched_workloads == 2);
  CHECK(changed[1].status.matched_workloads == 1);
  CHECK(Accepted(changed[0]).reason == "Valid");
  CHECK(Accepted(changed[0]).status == api::ConditionStatus::kTrue);
  CHECK(Accepted(changed[0]).observed_generation == 1);
}

TEST_CASE("PlanStatuses: the loser of a tie learns from whom, the winner is left in peace") {
  const std::vector<api::MemoryPolicy> changed =
      PlanStatuses({APolicy("newer", Everything(), 1), APolicy("older", Everything(), 2)},
                   {ADeployment("web"), ADeployment("cart")}, kNow);

  REQUIRE(changed.size() == 2);
  CHECK(Accepted(changed[0]).reason == "Conflicted");
  CHECK(Accepted(changed[0]).status == api::ConditionStatus::kFalse);
  CHECK(Accepted(changed[0]).message.find("Deployment web to MemoryPolicy older") !=
        std::string::npos);
  CHECK(changed[0].status.matched_workloads == 0);
  CHECK(Accepted(changed[1]).reason == "Valid");
}

TEST_CASE("PlanStatuses: standing behind a more specific policy is no conflict") {
  const std::vector<api::MemoryPolicy> changed =
      PlanStatuses({APolicy("default", Everything()), APolicy("web", Named("Deployment", "web"))},
                   {ADeployment("web")}, kNow);

  CHECK(Accepted(changed[0]).reason == "NoWorkloadMatched");
  CHECK(Accepted(changed[0]).status == api::ConditionStatus::kTrue);
}

TEST_CASE("PlanStatuses: a contradiction is Invalid, with the field") {
  api::MemoryPolicySpec spec = Everything();
  spec.containers = {{.name = "app", .min_allowed = 2_GiB, .max_allowed = 1_GiB}};

  const std::vector<api::MemoryPolicy> changed =
      PlanStatuses({APolicy("broken", spec)}, {ADeployment("web")}, kNow);

  REQUIRE(changed.size() == 1);
  CHECK(Accepted(changed[0]).reason == "Invalid");
  CHECK(Accepted(changed[0]).message.find("spec.containers[0]") != std::string::npos);
}

TEST_CASE("PlanStatuses: what is already written is not written again") {
  const std::vector<Subject> subjects = {ADeployment("web")};
  const std::vector<api::MemoryPolicy> first =
      PlanStatuses({APolicy("default", Everything())}, subjects, kNow);
  REQUIRE(first.size() == 1);
  const PolicyPtr written = std::make_shared<const api::MemoryPolicy>(first[0]);

  CHECK(PlanStatuses({written}, subjects, kNow + std::chrono::hours(1)).empty());

  const std::vector<api::MemoryPolicy> more = PlanStatuses(
      {written}, {ADeployment("web"), ADeployment("cart")}, kNow + std::chrono::hours(1));
  REQUIRE(more.size() == 1);
  CHECK(Accepted(more[0]).last_transition == kNow);  // still True
}

}  // namespace
}  // namespace plimsoll::policy
