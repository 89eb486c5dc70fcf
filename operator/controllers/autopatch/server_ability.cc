// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/server_ability.h"

#include "operator/kube/resources.h"

namespace plimsoll::autopatch {

Status ServerAbility::Ask(std::stop_token stop) {
  const auto version = kube::GetServerVersion(client_, stop);
  if (!version) return std::unexpected(version.error());
  auto capability =
      rollout::CapabilityOf(std::to_string(version->major), std::to_string(version->minor));
  if (!capability) return std::unexpected(capability.error());
  const auto served = kube::Serves(client_, kube::kPods, "resize", stop);
  if (!served && served.error().code() != ErrorCode::kForbidden) {
    return std::unexpected(served.error());
  }
  if (served == false) *capability = {};
  const std::lock_guard lock(mutex_);
  version_ = *version;
  capability_ = *capability;
  return {};
}

rollout::Capability ServerAbility::Now() const {
  const std::lock_guard lock(mutex_);
  return capability_;
}

std::optional<kube::ServerVersion> ServerAbility::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

}  // namespace plimsoll::autopatch
