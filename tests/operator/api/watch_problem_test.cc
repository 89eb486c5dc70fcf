// SPDX-License-Identifier: Apache-2.0
#include "operator/api/watch_problem.h"

#include <doctest/doctest.h>

#include "operator/api/names.h"
#include "operator/kube/resources.h"

namespace plimsoll::api {
namespace {

TEST_CASE(
    "WatchProblem: a kind that the server does not know names its definition and the remedy") {
  const std::string text =
      WatchProblem(kMemoryPolicies, Error(ErrorCode::kNotFound, "GET /apis/…: 404"));
  CHECK(text.starts_with("the definition memorypolicies.plimsoll.dev is not installed"));
  CHECK(text.find("crds.enabled=true") != std::string::npos);
  CHECK(text.find("404") != std::string::npos);
}

TEST_CASE("WatchProblem: any other error stands for itself") {
  CHECK(WatchProblem(kMemoryPolicies, Error(ErrorCode::kRetryable, "connection refused")) ==
        "connection refused");
  CHECK(WatchProblem(kube::kNodes, Error(ErrorCode::kNotFound, "GET /api/v1/nodes: 404")) ==
        "GET /api/v1/nodes: 404");
}

TEST_CASE("FirstProblem: the first that there is") {
  CHECK(FirstProblem({"", ""}).empty());
  CHECK(FirstProblem({"", "nodes: not read yet", "pods: not read yet"}) == "nodes: not read yet");
}

}  // namespace
}  // namespace plimsoll::api
