// SPDX-License-Identifier: Apache-2.0
//
// A condition as Kubernetes defines it (metav1.Condition): the state of one aspect of an object,
// why, and since when.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "advisor/base/time.h"

namespace plimsoll::api {

enum class ConditionStatus { kUnknown, kTrue, kFalse };

struct Condition {
  std::string type;
  ConditionStatus status = ConditionStatus::kUnknown;
  std::string reason;   // a code of reasons.h
  std::string message;  // what, with its numbers, and what to do
  std::int64_t observed_generation = 0;
  TimePoint last_transition{};

  friend bool operator==(const Condition&, const Condition&) = default;
};

// Sets the condition of that type. last_transition moves to `now` only when the status changes;
// `update.last_transition` is not looked at. Messages are cut at 1024 bytes, at a character's edge.
// Returns whether anything a user can see changed.
bool SetCondition(std::vector<Condition>& conditions, Condition update, TimePoint now);

// Null when there is none of that type; valid until the list changes.
[[nodiscard]] const Condition* FindCondition(const std::vector<Condition>& conditions,
                                             std::string_view type);

}  // namespace plimsoll::api
