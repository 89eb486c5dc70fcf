// SPDX-License-Identifier: Apache-2.0
#include "operator/api/memory_recommendation.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/operator/api/samples.h"

namespace plimsoll::api {
namespace {
using namespace literals;

TEST_CASE("MemoryRecommendation: the status that is written reads back the same") {
  const MemoryRecommendation object = WholeRecommendation();
  // The server puts spec and status together; here the two applies are.
  nlohmann::json body = MemoryRecommendationStatusApply(object);
  body["spec"] = MemoryRecommendationApply(object)["spec"];

  const Result<MemoryRecommendation> read = ParseMemoryRecommendation(body);

  REQUIRE_MESSAGE(read.has_value(), read.error().message());
  CHECK(read->status == object.status);
  CHECK(read->target == object.target);
}

TEST_CASE("MemoryRecommendationApply: spec and owner, so that the workload's end is its end") {
  CHECK(
      MemoryRecommendationApply(WholeRecommendation()).dump() ==
      R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"MemoryRecommendation",)"
      R"("metadata":{"name":"deployment-checkout","namespace":"shop","ownerReferences":[)"
      R"({"apiVersion":"apps/v1","controller":true,"kind":"Deployment","name":"checkout","uid":"uid-1"}]},)"
      R"("spec":{"targetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"checkout"}}})");
}

TEST_CASE("MemoryRecommendationStatusApply: no number stands where nothing is known") {
  MemoryRecommendation object;
  object.meta.name = "pod-x";
  object.meta.ns = "shop";
  object.target = {"v1", "Pod", "x"};
  ContainerAdvice advice;
  advice.name = "app";
  object.status.containers = {advice};

  CHECK(MemoryRecommendationStatusApply(object).dump() ==
        R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"MemoryRecommendation",)"
        R"("metadata":{"name":"pod-x","namespace":"shop"},"status":{"containers":[)"
        R"({"confidencePercent":0,"name":"app","verdict":"InsufficientData"}],)"
        R"("effectivePolicy":{"mode":"Recommend"},"summary":)"
        R"({"confidencePercent":0,"replicas":0,"severity":"None","verdict":"InsufficientData"}}})");
}

TEST_CASE("MemoryRecommendationStatusApply: texts and lists are cut to the schema's bounds") {
  MemoryRecommendation object = WholeRecommendation();
  object.status.containers[0].explanation.assign(500, std::string(5000, 'x'));
  object.status.containers[0].reasons.assign(500, {"Code", std::string(5000, '\xff')});

  const std::string body = MemoryRecommendationStatusApply(object).dump();

  CHECK(body.size() < 200 * 1024);
  CHECK(body.find(std::string(257, 'x')) == std::string::npos);
}

TEST_CASE("ShowsTheSame: bytes below the shown Mi and the time of writing are no difference") {
  const MemoryRecommendationStatus before = WholeRecommendation().status;
  MemoryRecommendationStatus after = before;
  after.updated = kSampleTime + std::chrono::minutes(5);
  after.containers[0].observed.hard = 500_MiB - 100_KiB;
  CHECK(ShowsTheSame(before, after));

  after.containers[0].target.limit = 800_MiB;
  CHECK(!ShowsTheSame(before, after));
}

TEST_CASE("ParseMemoryRecommendation: a broken field is named") {
  const Result<MemoryRecommendation> read = ParseMemoryRecommendation(nlohmann::json::parse(
      R"({"metadata": {"name": "x"}, "spec": {"targetRef": {"kind": "Deployment", "name": "x"}},
          "status": {"containers": [{"name": "app", "target": {"limit": "lots"}}]}})"));

  REQUIRE(!read.has_value());
  CHECK(read.error().message().find("status.containers[0].target.limit: \"lots\"") !=
        std::string::npos);
}

}  // namespace
}  // namespace plimsoll::api
