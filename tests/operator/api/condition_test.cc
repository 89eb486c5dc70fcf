// SPDX-License-Identifier: Apache-2.0
#include "operator/api/condition.h"

#include <doctest/doctest.h>

#include "operator/api/reasons.h"

namespace plimsoll::api {
namespace {

const TimePoint kThen(Duration(1'000'000));
const TimePoint kNow(Duration(2'000'000));

Condition Ready(ConditionStatus status, std::string message) {
  return {.type = std::string(condition::kReady),
          .status = status,
          .reason = std::string(reason::kRecommendationCurrent),
          .message = std::move(message)};
}

TEST_CASE("SetCondition: the time of the last transition moves only when the status does") {
  std::vector<Condition> conditions;
  REQUIRE(SetCondition(conditions, Ready(ConditionStatus::kTrue, "4 of 4"), kThen));

  REQUIRE(SetCondition(conditions, Ready(ConditionStatus::kTrue, "5 of 5"), kNow));
  CHECK(conditions.front().last_transition == kThen);
  CHECK(conditions.front().message == "5 of 5");

  REQUIRE(SetCondition(conditions, Ready(ConditionStatus::kFalse, "5 of 5"), kNow));
  CHECK(conditions.front().last_transition == kNow);
  CHECK(conditions.size() == 1);
}

TEST_CASE("SetCondition: says when nothing changed, so that nothing is written") {
  std::vector<Condition> conditions;
  REQUIRE(SetCondition(conditions, Ready(ConditionStatus::kTrue, "same"), kThen));

  CHECK(!SetCondition(conditions, Ready(ConditionStatus::kTrue, "same"), kNow));
}

TEST_CASE("SetCondition: a message is cut to what an object should carry") {
  std::vector<Condition> conditions;
  SetCondition(conditions, Ready(ConditionStatus::kTrue, std::string(5000, 'x')), kThen);

  CHECK(conditions.front().message.size() == 1024);
  // and the cut message counts as the same the next time
  CHECK(!SetCondition(conditions, Ready(ConditionStatus::kTrue, std::string(5000, 'x')), kNow));
}

TEST_CASE("FindCondition: null for a type that is not there") {
  const std::vector<Condition> conditions = {Ready(ConditionStatus::kTrue, "")};

  CHECK(FindCondition(conditions, condition::kReady) == &conditions.front());
  CHECK(FindCondition(conditions, condition::kApplied) == nullptr);
}

}  // namespace
}  // namespace plimsoll::api
