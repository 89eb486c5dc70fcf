// SPDX-License-Identifier: Apache-2.0
//
// What the API server is and serves: its version, and whether it knows a resource or subresource.
#pragma once

#include <stop_token>
#include <string>

#include "advisor/base/result.h"
#include "operator/kube/client.h"
#include "operator/kube/object_key.h"

namespace plimsoll::kube {

struct ServerVersion {
  int major = 0;
  int minor = 0;
  std::string git_version;  // "v1.36.3"

  [[nodiscard]] bool AtLeast(int wanted_major, int wanted_minor) const {
    return major != wanted_major ? major > wanted_major : minor >= wanted_minor;
  }
};

// Reads a /version answer; vendors' "33+" counts as 33.
[[nodiscard]] Result<ServerVersion> ParseServerVersion(const nlohmann::json& version);
[[nodiscard]] Result<ServerVersion> GetServerVersion(Client& client, std::stop_token stop = {});

// Does the server serve this resource, or its `subresource` ("resize")? An unknown group or
// version is `false`; errors are errors.
[[nodiscard]] Result<bool> Serves(Client& client, const Resource& resource,
                                  std::string_view subresource = {}, std::stop_token stop = {});

}  // namespace plimsoll::kube
