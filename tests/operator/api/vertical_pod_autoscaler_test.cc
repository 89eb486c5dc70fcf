// SPDX-License-Identifier: Apache-2.0
#include "operator/api/vertical_pod_autoscaler.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace plimsoll::api {
namespace {

using nlohmann::json;

// `spec` is what stands in it beside the target.
Result<VerticalPodAutoscaler> Read(const std::string& spec) {
  json object = json::parse(R"({"apiVersion": "autoscaling.k8s.io/v1",
    "kind": "VerticalPodAutoscaler",
    "metadata": {"name": "web", "namespace": "shop", "resourceVersion": "7",
      "creationTimestamp": "2026-08-21T07:12:44Z", "managedFields": [{}]},
    "spec": {"targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    "status": {"conditions": [{"type": "RecommendationProvided", "status": "True"}]}})");
  object["spec"].update(json::parse(spec));
  return ParseVerticalPodAutoscaler(object);
}

VerticalPodAutoscaler Good(const std::string& spec) {
  Result<VerticalPodAutoscaler> autoscaler = Read(spec);
  REQUIRE_MESSAGE(autoscaler, autoscaler.error().message());
  return *std::move(autoscaler);
}

VerticalPodAutoscaler OfContainers(const std::string& policies) {
  return Good(R"({"resourcePolicy": {"containerPolicies": )" + policies + "}}");
}

TEST_CASE("ParseVerticalPodAutoscaler: whose pods it is about") {
  const VerticalPodAutoscaler autoscaler = Good("{}");
  CHECK(autoscaler.meta.key() == kube::ObjectKey{"shop", "web"});
  CHECK(autoscaler.meta.resource_version == "7");
  CHECK(autoscaler.target == TargetRef{"apps/v1", "Deployment", "web"});
  CHECK(Good(R"({"targetRef": null})").target == TargetRef{});
}

TEST_CASE("VerticalPodAutoscaler: it sets memory unless its mode leaves running pods alone") {
  CHECK(Good("{}").SetsMemoryOf("app"));
  CHECK(Good(R"({"updatePolicy": {}})").SetsMemoryOf("app"));
  CHECK(Good(R"({"updatePolicy": {"minReplicas": 1}})").SetsMemoryOf("app"));
  for (const std::string mode : {"Auto", "Recreate", "InPlaceOrRecreate", "OneOfTomorrow"}) {
    CAPTURE(mode);
    CHECK(Good(R"({"updatePolicy": {"updateMode": ")" + mode + "\"}}").SetsMemoryOf("app"));
  }
  for (const std::string mode : {"Off", "Initial"}) {
    CAPTURE(mode);
    CHECK_FALSE(Good(R"({"updatePolicy": {"updateMode": ")" + mode + "\"}}").SetsMemoryOf("app"));
  }
}

TEST_CASE("VerticalPodAutoscaler: a container's own policy counts before that of all") {
  CHECK(OfContainers("[]").SetsMemoryOf("app"));
  const VerticalPodAutoscaler one_by_one = OfContainers(R"([
    {"containerName": "*", "controlledResources": ["cpu"]},
    {"containerName": "app", "controlledResources": ["cpu", "memory"]},
    {"containerName": "proxy", "mode": "Off"}])");
  CHECK(one_by_one.SetsMemoryOf("app"));
  CHECK_FALSE(one_by_one.SetsMemoryOf("proxy"));
  CHECK_FALSE(one_by_one.SetsMemoryOf("another"));

  const VerticalPodAutoscaler named_alone =
      OfContainers(R"([{"containerName": "app", "controlledResources": ["cpu"]}])");
  CHECK_FALSE(named_alone.SetsMemoryOf("app"));
  CHECK(named_alone.SetsMemoryOf("another"));
}

TEST_CASE("VerticalPodAutoscaler: an empty list of resources is none of them, no list is all") {
  CHECK_FALSE(
      OfContainers(R"([{"containerName": "*", "controlledResources": []}])").SetsMemoryOf("app"));
  CHECK(OfContainers(R"([{"containerName": "*", "mode": "Auto", "minAllowed": {"memory": 1}}])")
            .SetsMemoryOf("app"));
}

TEST_CASE("ParseVerticalPodAutoscaler: what has the wrong type is named") {
  const auto problem = [](const std::string& spec) { return Read(spec).error().message(); };
  CHECK(problem(R"({"updatePolicy": {"updateMode": 7}})") ==
        "VerticalPodAutoscaler: spec.updatePolicy.updateMode: must be a string");
  CHECK(
      problem(R"({"resourcePolicy": {"containerPolicies": [{}, {"controlledResources": "cpu"}]}})")
          .starts_with("VerticalPodAutoscaler: "
                       "spec.resourcePolicy.containerPolicies[1].controlledResources: "));
  CHECK_FALSE(ParseVerticalPodAutoscaler(json::array()));
}

}  // namespace
}  // namespace plimsoll::api
