// SPDX-License-Identifier: Apache-2.0
#include "operator/api/watch_problem.h"

#include <fmt/format.h>

#include "operator/api/names.h"

namespace plimsoll::api {

std::string WatchProblem(const kube::Resource& resource, const Error& error) {
  const bool ours = resource.group == kGroup;
  if (!ours || error.code() != ErrorCode::kNotFound) return error.message();
  return fmt::format(
      "the definition {}.{} is not installed; upgrade the chart with crds.enabled=true, or kubectl "
      "apply --server-side -f crds/ ({})",
      resource.plural, resource.group, error.message());
}

std::string FirstProblem(std::initializer_list<std::string> problems) {
  for (const std::string& problem : problems) {
    if (!problem.empty()) return problem;
  }
  return {};
}

}  // namespace plimsoll::api
