// SPDX-License-Identifier: Apache-2.0
#include "operator/kube/applier.h"

#include <functional>
#include <utility>

namespace plimsoll::kube {

Applier::Applier(Client& client, std::string field_manager)
    : client_(client), field_manager_(std::move(field_manager)) {}

Result<bool> Applier::Apply(const Resource& resource, const ObjectKey& key,
                            const nlohmann::json& object, std::string_view subresource,
                            std::stop_token stop) {
  const std::string path = resource.Path(key.ns, key.name, subresource);
  const std::size_t hash = std::hash<std::string>()(
      object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  {
    const std::lock_guard lock(mutex_);
    const auto it = applied_.find(path);
    if (it != applied_.end() && it->second == hash) return false;
    applied_.erase(path);  // until this write is known to have worked
  }
  const Result<nlohmann::json> answer = client_.Patch(resource, key, PatchType::kApply, object,
                                                      {.subresource = std::string(subresource),
                                                       .field_manager = field_manager_,
                                                       .force = true,
                                                       .dry_run = false,
                                                       .stop = std::move(stop)});
  if (!answer) return std::unexpected(answer.error());
  const std::lock_guard lock(mutex_);
  applied_[path] = hash;
  return true;
}

void Applier::Forget(const Resource& resource, const ObjectKey& key) {
  const std::string path = resource.Path(key.ns, key.name);
  const std::lock_guard lock(mutex_);
  std::erase_if(applied_, [&](const auto& entry) {
    return entry.first == path || entry.first.starts_with(path + "/");
  });
}

}  // namespace plimsoll::kube
