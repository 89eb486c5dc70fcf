// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/certificates/rotation.h"

namespace plimsoll::certificates {
namespace {

bool Works(const std::optional<Held>& held, TimePoint now) {
  return held && held->validity.from <= now && now < held->validity.until;
}

AuthorityStep StepOf(const Inventory& inventory, const Schedule& schedule, TimePoint now) {
  const bool active_works = Works(inventory.active, now);
  if (Works(inventory.next, now)) {
    const TimePoint announced = inventory.next->validity.from + schedule.clock_skew;
    if (!active_works || now >= announced + schedule.announcement) return AuthorityStep::kPromote;
    return AuthorityStep::kKeep;
  }
  if (!active_works) return AuthorityStep::kReplace;
  const bool ends_soon = inventory.active->validity.until - now <= schedule.authority_renewal;
  return ends_soon ? AuthorityStep::kAnnounce : AuthorityStep::kKeep;
}

bool NeedsIssue(const std::optional<Held>& leaf, AuthorityStep authority, const Schedule& schedule,
                TimePoint now) {
  if (!Works(leaf, now) || !leaf->fits) return true;
  if (leaf->validity.until - now <= schedule.leaf_renewal) return true;
  switch (authority) {
    case AuthorityStep::kKeep:
    case AuthorityStep::kAnnounce:
      return !leaf->signed_by_active;
    case AuthorityStep::kPromote:
      return !leaf->signed_by_next;
    case AuthorityStep::kReplace:
      return true;
  }
  return true;
}

}  // namespace

Plan PlanRotation(const Inventory& inventory, const Schedule& schedule, TimePoint now) {
  Plan plan;
  plan.authority = StepOf(inventory, schedule, now);
  plan.issue_operator = NeedsIssue(inventory.operator_leaf, plan.authority, schedule, now);
  plan.issue_agent = NeedsIssue(inventory.agent_leaf, plan.authority, schedule, now);
  plan.write_bundle = !inventory.bundle_current || !inventory.agent_bundle_current;
  return plan;
}

}  // namespace plimsoll::certificates
