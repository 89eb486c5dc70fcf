// SPDX-License-Identifier: Apache-2.0
#include "operator/api/watch_problem.h"

#include <fmt/format.h>

namespace plimsoll::api {

std::string WatchProblem(const kube::Resource& resource, const Error& error) {
  if (error.code() != ErrorCode::kNotFound) return error.message();
  return fmt::format(
      "the definition {}.{} is not installed; upgrade the chart with crds.enabled=true, or kubectl "
      "apply --server-side -f crds/ ({})",
      resource.plural, resource.group, error.message());
}

}  // namespace plimsoll::api
