// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/policy_status.h"

#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "operator/api/reasons.h"
#include "operator/api/text.h"

namespace plimsoll::policy {
namespace {

// How a policy fared over all workloads of its namespace.
struct Tally {
  std::int64_t won = 0;
  std::int64_t lost = 0;
  std::string lost_example;  // "Deployment checkout to MemoryPolicy default"
};

std::map<const api::MemoryPolicy*, Tally> Count(const std::vector<PolicyPtr>& policies,
                                                const std::vector<Subject>& subjects) {
  std::map<const api::MemoryPolicy*, Tally> tallies;
  for (const Subject& subject : subjects) {
    const Selection selection = SelectPolicy(policies, subject);
    if (!selection.winner) continue;
    ++tallies[selection.winner.get()].won;
    for (const PolicyPtr& loser : selection.losers) {
      Tally& tally = tallies[loser.get()];
      ++tally.lost;
      if (tally.lost_example.empty()) {
        tally.lost_example = fmt::format("{} {} to MemoryPolicy {}", subject.key.kind,
                                         subject.key.name, selection.winner->meta.name.view());
      }
    }
  }
  return tallies;
}

std::string Workloads(std::int64_t count) { return api::Counted(count, "workload"); }

api::Condition Accepted(const api::MemoryPolicy& policy, const Tally& tally) {
  api::Condition condition{.type = std::string(api::condition::kAccepted),
                           .status = api::ConditionStatus::kTrue,
                           .reason = std::string(api::reason::kValid),
                           .message = Workloads(tally.won) + " matched",
                           .observed_generation = policy.meta.generation};
  if (const Status valid = api::ValidateMemoryPolicy(policy.spec); !valid) {
    condition.status = api::ConditionStatus::kFalse;
    condition.reason = api::reason::kInvalid;
    condition.message = valid.error().message() +
                        "; until then its workloads get advice without its bounds and no patch";
  } else if (tally.lost > 0) {
    condition.status = api::ConditionStatus::kFalse;
    condition.reason = api::reason::kConflicted;
    condition.message = fmt::format(
        "{} lost to an older policy that claims as strongly (such as {}), {} in force; narrow one "
        "of the two",
        Workloads(tally.lost), tally.lost_example, Workloads(tally.won));
  } else if (tally.won == 0) {
    condition.reason = api::reason::kNoWorkloadMatched;
    condition.message = "no workload of this namespace matches, or a stronger policy has them all";
  }
  return condition;
}

}  // namespace

std::vector<api::MemoryPolicy> PlanStatuses(const std::vector<PolicyPtr>& policies,
                                            const std::vector<Subject>& subjects, TimePoint now) {
  std::map<const api::MemoryPolicy*, Tally> tallies = Count(policies, subjects);
  std::vector<api::MemoryPolicy> changed;
  for (const PolicyPtr& policy : policies) {
    const Tally& tally = tallies[policy.get()];
    api::MemoryPolicy next = *policy;
    next.status.observed_generation = policy->meta.generation;
    next.status.matched_workloads = tally.won;
    api::SetCondition(next.status.conditions, Accepted(*policy, tally), now);
    if (next.status != policy->status) changed.push_back(std::move(next));
  }
  return changed;
}

}  // namespace plimsoll::policy
