// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/autopatch/pod_now.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

namespace plimsoll::autopatch {
namespace {

using namespace plimsoll::literals;
using Json = nlohmann::json;

TEST_CASE("PodNowFrom: what is asked and what is given, of app containers and sidecars") {
  const auto pod = PodNowFrom(Json::parse(R"({
    "metadata": {"name": "web-0", "uid": "u", "resourceVersion": "7"},
    "spec": {
      "containers": [{"name": "app", "resources": {"requests": {"memory": "268435456"},
                                                   "limits": {"memory": "0.5Gi"}}}],
      "initContainers": [{"name": "mesh", "resources": {"limits": {"memory": "64Mi"}}}]},
    "status": {
      "containerStatuses": [{"name": "app", "resources": {"requests": {"memory": "128Mi"},
                                                          "limits": {"memory": "1Gi"}}}],
      "initContainerStatuses": [{"name": "mesh"}]}})"));
  REQUIRE(pod);
  CHECK(pod->uid == "u");
  CHECK(pod->resource_version == "7");
  const ContainerNow& app = pod->containers.at("app");
  CHECK(app.request == 256_MiB);
  CHECK(app.limit == 512_MiB);
  CHECK(app.given == 128_MiB);
  CHECK(pod->containers.at("mesh").limit == 64_MiB);
  CHECK_FALSE(pod->containers.at("mesh").given);
}

TEST_CASE("PodNowFrom: what cannot be read is absent, without a version there is no pod") {
  const auto odd = PodNowFrom(Json::parse(R"({
    "metadata": {"resourceVersion": "7"},
    "spec": {"containers": [3, {}, {"name": 4}, {"name": "app", "resources": {
      "requests": [], "limits": {"memory": "much"}}}], "initContainers": {}},
    "status": "none"})"));
  REQUIRE(odd);
  CHECK(odd->containers.size() == 1);
  CHECK_FALSE(odd->containers.at("app").limit);
  CHECK_FALSE(odd->containers.at("app").request);
  CHECK_FALSE(PodNowFrom(Json::parse(R"({"metadata": {"uid": "u"}})")));
  CHECK_FALSE(PodNowFrom(Json("pod")));
}

}  // namespace
}  // namespace plimsoll::autopatch
