// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/server_ability.h"

#include "operator/kube/resources.h"

namespace plimsoll::autopatch {

Status ServerAbility::Ask(std::stop_token stop) {
  Status asked = AskBoth(stop);
  const std::lock_guard lock(mutex_);
  problem_ = asked ? std::string() : asked.error().message();
  return asked;
}

Status ServerAbility::AskBoth(std::stop_token stop) {
  const auto version = kube::GetServerVersion(client_, stop);
  if (!version) return std::unexpected(version.error());
  {
    const std::lock_guard lock(mutex_);
    version_ = *version;
  }
  auto capability =
      rollout::CapabilityOf(std::to_string(version->major), std::to_string(version->minor));
  if (!capability) return std::unexpected(capability.error());
  if (capability->grow) {
    const auto served = kube::Serves(client_, kube::kPods, "resize", stop);
    if (!served && served.error().code() != ErrorCode::kForbidden) {
      return std::unexpected(served.error());
    }
    if (served == false) *capability = {};
  }
  const std::lock_guard lock(mutex_);
  capability_ = *capability;
  return {};
}

std::optional<rollout::Capability> ServerAbility::Now() const {
  const std::lock_guard lock(mutex_);
  return capability_;
}

bool ServerAbility::CanGrow() const {
  const auto now = Now();
  return now && now->grow;
}

std::string ServerAbility::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

std::optional<kube::ServerVersion> ServerAbility::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

}  // namespace plimsoll::autopatch
