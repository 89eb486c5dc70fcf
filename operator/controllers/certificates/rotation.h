// SPDX-License-Identifier: Apache-2.0
//
// When to renew what. Pure: from what there is and the time to what should be done.
//
// An authority is changed without a moment in which somebody trusts too little:
//   day   0  A signs, A is trusted
//   day 550  B is made and trusted beside A (announced); A still signs
//   +1 hour  B signs, both are trusted: everybody has had time to read the new bundle
//   day 730  A ends and leaves the bundle
#pragma once

#include <chrono>
#include <optional>

#include "advisor/base/time.h"
#include "operator/controllers/certificates/x509.h"

namespace plimsoll::certificates {

struct Schedule {
  Duration authority_lifetime = std::chrono::days(730);
  Duration authority_renewal = std::chrono::days(180);  // before its end a successor is announced
  // Longer than a kubelet takes to bring a changed Secret into a pod (up to two minutes).
  Duration announcement = std::chrono::hours(1);
  Duration leaf_lifetime = std::chrono::days(90);
  Duration leaf_renewal = std::chrono::days(30);  // before its end it is issued anew
  Duration clock_skew = std::chrono::hours(1);    // certificates begin this long ago
};

// One certificate in hand; absent when it is missing, unreadable or does not match its key.
struct Held {
  Validity validity{};
  bool fits = true;              // a leaf: the right name and use
  bool signed_by_active = true;  // a leaf: by the authority that signs now
  bool signed_by_next = false;   // a leaf: by the announced one
};

struct Inventory {
  std::optional<Held> active;  // the authority that signs
  std::optional<Held> next;    // the announced one
  std::optional<Held> operator_leaf;
  std::optional<Held> agent_leaf;
  bool bundle_current = true;        // ours: all authorities that should be trusted, no others
  bool agent_bundle_current = true;  // the agents': the same
};

enum class AuthorityStep {
  kKeep,
  kAnnounce,  // make a successor, trust it beside the active one
  kPromote,   // the successor signs from now on
  kReplace,   // none that works: make one that signs at once
};

struct Plan {
  AuthorityStep authority = AuthorityStep::kKeep;
  bool issue_operator = false;
  bool issue_agent = false;
  bool write_bundle = false;

  [[nodiscard]] bool Empty() const {
    return authority == AuthorityStep::kKeep && !issue_operator && !issue_agent && !write_bundle;
  }
};

[[nodiscard]] Plan PlanRotation(const Inventory& inventory, const Schedule& schedule,
                                TimePoint now);

}  // namespace plimsoll::certificates
