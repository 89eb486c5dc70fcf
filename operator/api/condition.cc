// SPDX-License-Identifier: Apache-2.0
#include "operator/api/condition.h"

#include <algorithm>
#include <utility>

#include "operator/api/text.h"

namespace plimsoll::api {
namespace {

constexpr std::size_t kMaxConditionMessage = 1024;

}  // namespace

bool SetCondition(std::vector<Condition>& conditions, Condition update, TimePoint now) {
  update.message = FitText(update.message, kMaxConditionMessage);
  const auto found = std::ranges::find(conditions, update.type, &Condition::type);
  if (found == conditions.end()) {
    update.last_transition = now;
    conditions.push_back(std::move(update));
    return true;
  }
  update.last_transition = found->status == update.status ? found->last_transition : now;
  if (*found == update) return false;
  *found = std::move(update);
  return true;
}

const Condition* FindCondition(const std::vector<Condition>& conditions, std::string_view type) {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace plimsoll::api
