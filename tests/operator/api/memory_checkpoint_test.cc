// SPDX-License-Identifier: Apache-2.0
#include "operator/api/memory_checkpoint.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "operator/api/base64.h"

namespace plimsoll::api {
namespace {

MemoryCheckpoint WithData(std::string data) {
  MemoryCheckpoint checkpoint;
  checkpoint.meta.name = "deployment-web";
  checkpoint.meta.ns = "shop";
  checkpoint.target = {"apps/v1", "Deployment", "web"};
  checkpoint.updated = TimePoint(Duration(1787296364000));
  checkpoint.containers = {{.name = "app", .data = std::move(data)}};
  return checkpoint;
}

nlohmann::json WithSpec(nlohmann::json body) {
  body["spec"]["targetRef"] = {{"kind", "Deployment"}, {"name", "web"}};
  return body;
}

TEST_CASE("MemoryCheckpoint: binary data of any length comes back bit by bit") {
  std::string data;
  for (std::size_t size = 0; size <= 300; ++size) {
    const Result<nlohmann::json> body = MemoryCheckpointStatusApply(WithData(data));
    REQUIRE(body.has_value());

    const Result<MemoryCheckpoint> read = ParseMemoryCheckpoint(WithSpec(*body));

    REQUIRE_MESSAGE(read.has_value(), read.error().message());
    REQUIRE(read->containers.front().data == data);
    data.push_back(static_cast<char>(size * 31));
  }
}

TEST_CASE("MemoryCheckpoint: what does not fit is refused, since a cut one would be wrong") {
  CHECK(MemoryCheckpointStatusApply(WithData(std::string(kMaxCheckpointBytes, 'x'))).has_value());

  const Result<nlohmann::json> body =
      MemoryCheckpointStatusApply(WithData(std::string(kMaxCheckpointBytes + 1, 'x')));
  REQUIRE(!body.has_value());
  CHECK(body.error().message().find("container app") != std::string::npos);
}

TEST_CASE("ParseMemoryCheckpoint: a container that cannot be read is named, the others are kept") {
  std::string bad;
  std::string what;
  SUBCASE("not base64") { bad = R"("!!!!")", what = "is not base64"; }
  SUBCASE("not a text") { bad = "7", what = "must be a string"; }
  SUBCASE("too long") { bad = '"' + std::string(4096, 'A') + '"', what = "4096 bytes long"; }
  const Result<MemoryCheckpoint> read = ParseMemoryCheckpoint(nlohmann::json::parse(
      R"({"metadata": {"name": "x"}, "spec": {"targetRef": {"kind": "Pod", "name": "x"}},
          "status": {"rollout": "{}", "containers": [{"name": "a", "data": "aGk="},
                                                     {"name": "b", "data": )" +
      bad + R"(}, {"name": "c", "data": ""}]}})"));

  REQUIRE_MESSAGE(read.has_value(), read.error().message());
  CHECK(read->containers == std::vector<ContainerCheckpoint>{{"a", "hi"}, {"c", ""}});
  CHECK(read->rollout == "{}");
  REQUIRE(read->damaged.size() == 1);
  const std::string& message = read->damaged.front().message();
  CAPTURE(message);
  CHECK(message.starts_with("container b: status.containers[1].data: "));
  CHECK(message.find(what) != std::string::npos);
}

TEST_CASE("ParseMemoryCheckpoint: an object that says not whose history it has names the field") {
  const Result<MemoryCheckpoint> read = ParseMemoryCheckpoint(
      nlohmann::json::parse(R"({"metadata": {"name": "x"}, "spec": {"targetRef": 7}})"));

  REQUIRE(!read.has_value());
  CHECK(read.error().message().find("spec.targetRef") != std::string::npos);
}

TEST_CASE("DecodeBase64: takes only what EncodeBase64 makes") {
  CHECK(DecodeBase64("aGk=") == "hi");
  for (const std::string text : {"aGk", "aGl=", " aGk=", "aGk=\n", "====", "a=k=", "aG-_"}) {
    CAPTURE(text);
    CHECK(!DecodeBase64(text).has_value());
  }
}

TEST_CASE("ObjectNameFor: one name for each kind and name, never too long") {
  CHECK(ObjectNameFor("Deployment", "checkout") == "deployment-checkout");

  const std::string long_name(253, 'a');
  const std::string name = ObjectNameFor("StatefulSet", long_name);
  CHECK(name.size() == 253);
  CHECK(name != ObjectNameFor("StatefulSet", long_name.substr(1) + "b"));
}

}  // namespace
}  // namespace plimsoll::api
