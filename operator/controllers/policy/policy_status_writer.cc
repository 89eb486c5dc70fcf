// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/policy/policy_status_writer.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "operator/api/names.h"
#include "operator/api/reasons.h"
#include "operator/controllers/policy/policy_status.h"

namespace plimsoll::policy {
namespace {

kube::WriteOptions StatusOptions() {
  kube::WriteOptions options;
  options.subresource = "status";
  options.field_manager = api::kStatusFieldManager;
  options.force = true;
  return options;
}

}  // namespace

std::vector<Error> PolicyStatusWriter::Write(const std::vector<PolicyPtr>& policies,
                                             const std::vector<Subject>& subjects, TimePoint now) {
  std::map<std::string, std::vector<PolicyPtr>> policies_of;  // by namespace
  for (const PolicyPtr& policy : policies) policies_of[policy->meta.ns.str()].push_back(policy);
  std::map<std::string, std::vector<Subject>> subjects_of;
  for (const Subject& subject : subjects) {
    if (policies_of.contains(subject.key.ns)) subjects_of[subject.key.ns].push_back(subject);
  }

  std::vector<Error> failed;
  for (const auto& [ns, here] : policies_of) {
    for (const api::MemoryPolicy& next : PlanStatuses(here, subjects_of[ns], now)) {
      const auto written =
          client_.Patch(api::kMemoryPolicies, next.meta.key(), kube::PatchType::kApply,
                        api::MemoryPolicyStatusApply(next), StatusOptions());
      if (!written) {
        failed.push_back(
            written.error().Context("status of MemoryPolicy " + next.meta.key().ToString()));
        continue;
      }
      const auto before = std::ranges::find(
          here, next.meta.name, [](const PolicyPtr& policy) { return policy->meta.name; });
      Announce(**before, next);
    }
  }
  return failed;
}

void PolicyStatusWriter::Announce(const api::MemoryPolicy& before, const api::MemoryPolicy& now) {
  const api::Condition* old =
      api::FindCondition(before.status.conditions, api::condition::kAccepted);
  const api::Condition* accepted =
      api::FindCondition(now.status.conditions, api::condition::kAccepted);
  if (accepted == nullptr || accepted->status != api::ConditionStatus::kFalse) return;
  if (old != nullptr && old->reason == accepted->reason) return;
  const bool invalid = accepted->reason == api::reason::kInvalid;
  events_.Record(
      {.regarding = {.api_version = api::kMemoryPolicies.ApiVersion(),
                     .kind = std::string(api::kMemoryPolicies.kind),
                     .ns = now.meta.ns.str(),
                     .name = now.meta.name.str(),
                     .uid = now.meta.uid.str()},
       .type = kube::EventType::kWarning,
       .reason = std::string(invalid ? api::event::kPolicyInvalid : api::event::kPolicyConflicted),
       .action = "Resolve",
       .note = accepted->message});
}

}  // namespace plimsoll::policy
