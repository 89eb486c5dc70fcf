// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/rotation.h"

#include <doctest/doctest.h>

namespace plimsoll::certificates {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const TimePoint kStart(days(20000));

Held Lasting(Duration begun_ago, Duration left, TimePoint now) {
  return {.validity = {.from = now - begun_ago, .until = now + left}};
}

Inventory Fresh(TimePoint now) {
  Inventory inventory;
  inventory.active = Lasting(hours(1), days(730), now);
  inventory.operator_leaf = Lasting(hours(1), days(90), now);
  inventory.agent_leaf = inventory.operator_leaf;
  return inventory;
}

TEST_CASE("PlanRotation: with nothing there, everything is made at once") {
  const Plan plan = PlanRotation({}, {}, kStart);

  CHECK(plan.authority == AuthorityStep::kReplace);
  CHECK(plan.issue_operator);
  CHECK(plan.issue_agent);
}

TEST_CASE("PlanRotation: with all fresh, nothing is done") {
  CHECK(PlanRotation(Fresh(kStart), {}, kStart).Empty());
}

TEST_CASE("PlanRotation: a leaf is renewed while a third of its life is left, alone") {
  Inventory inventory = Fresh(kStart);
  inventory.agent_leaf = Lasting(days(60), days(30) + minutes(1), kStart);
  CHECK(PlanRotation(inventory, {}, kStart).Empty());

  inventory.agent_leaf = Lasting(days(60), days(30), kStart);
  const Plan plan = PlanRotation(inventory, {}, kStart);
  CHECK(plan.issue_agent);
  CHECK(!plan.issue_operator);
  CHECK(plan.authority == AuthorityStep::kKeep);
}

TEST_CASE("PlanRotation: a leaf of the wrong name, use or authority is renewed at once") {
  Inventory inventory = Fresh(kStart);
  inventory.operator_leaf->fits = false;
  inventory.agent_leaf->signed_by_active = false;

  const Plan plan = PlanRotation(inventory, {}, kStart);

  CHECK(plan.issue_operator);
  CHECK(plan.issue_agent);
}

TEST_CASE("PlanRotation: a successor is announced first and signs an hour later") {
  Inventory inventory = Fresh(kStart);
  inventory.active = Lasting(days(550), days(180), kStart);
  Plan plan = PlanRotation(inventory, {}, kStart);
  CHECK(plan.authority == AuthorityStep::kAnnounce);
  CHECK(!plan.issue_operator);

  // Its time begins an hour before it was made, for clocks that are behind.
  inventory.next = Lasting(hours(1) + minutes(59), days(730), kStart);
  CHECK(PlanRotation(inventory, {}, kStart).Empty());

  inventory.next = Lasting(hours(2), days(730), kStart);
  plan = PlanRotation(inventory, {}, kStart);
  CHECK(plan.authority == AuthorityStep::kPromote);
  CHECK(plan.issue_operator);
  CHECK(plan.issue_agent);
}

TEST_CASE("PlanRotation: when the signing authority is lost, an announced one steps in at once") {
  Inventory inventory = Fresh(kStart);
  inventory.active.reset();
  inventory.next = Lasting(hours(1), days(730), kStart);

  CHECK(PlanRotation(inventory, {}, kStart).authority == AuthorityStep::kPromote);

  inventory.next.reset();
  CHECK(PlanRotation(inventory, {}, kStart).authority == AuthorityStep::kReplace);
}

TEST_CASE("PlanRotation: certificates from the future do not work yet") {
  Inventory inventory = Fresh(kStart);
  inventory.active = Lasting(-hours(1), days(730), kStart);

  CHECK(PlanRotation(inventory, {}, kStart).authority == AuthorityStep::kReplace);
}

}  // namespace
}  // namespace plimsoll::certificates
