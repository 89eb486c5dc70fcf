// SPDX-License-Identifier: Apache-2.0
//
// Server-side apply that sends only what changed: a document equal to the last one applied to the
// same object costs no request. A write that failed is never taken for done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <unordered_map>

#include "operator/kube/client.h"

namespace plimsoll::kube {

class Applier {
 public:
  // `client` must outlive the applier.
  Applier(Client& client, std::string field_manager);

  // Applies (force) `object`, which carries apiVersion, kind, metadata.name and the owned fields.
  // `subresource` "" or "status". True when a request was sent, false when nothing had changed.
  [[nodiscard]] Result<bool> Apply(const Resource& resource, const ObjectKey& key,
                                   const nlohmann::json& object, std::string_view subresource = {},
                                   std::stop_token stop = {});
  // The object was deleted or changed by others: the next Apply is sent in any case.
  void Forget(const Resource& resource, const ObjectKey& key);

 private:
  Client& client_;
  const std::string field_manager_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> applied_;  // path with subresource → document hash
};

}  // namespace plimsoll::kube
