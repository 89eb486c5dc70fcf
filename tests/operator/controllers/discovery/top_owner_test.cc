// SPDX-License-Identifier: Apache-2.0
#include "operator/controllers/discovery/top_owner.h"

#include <doctest/doctest.h>

#include <map>

namespace plimsoll::discovery {
namespace {

kube::OwnerReference Ref(const char* api, const char* kind, const char* name) {
  kube::OwnerReference reference;
  reference.api_version = api;
  reference.kind = kind;
  reference.name = name;
  reference.uid = std::string("uid-") + name;
  reference.controller = true;
  return reference;
}

kube::ObjectMeta Meta(const char* name, std::vector<kube::OwnerReference> owners) {
  kube::ObjectMeta meta;
  meta.ns = "shop";
  meta.name = name;
  meta.uid = std::string("uid-") + name;
  meta.owners = std::move(owners);
  return meta;
}

// Answers from a table; what is not in it cannot be looked up.
OwnerLookup Table(std::map<std::string, kube::ObjectMeta> objects) {
  return [objects](const kube::OwnerReference& reference,
                   const std::string&) -> Result<std::optional<kube::ObjectMeta>> {
    const auto found = objects.find(reference.name.str());
    if (found == objects.end()) return std::nullopt;
    return found->second;
  };
}

TEST_CASE("TopOwner: through the ReplicaSet to the Deployment, with its labels") {
  kube::ObjectMeta deployment = Meta("web", {});
  deployment.labels = {kube::KeyValue{"plimsoll.dev/mode", "off"}};

  const auto owner =
      TopOwner(Meta("web-1-x", {Ref("apps/v1", "ReplicaSet", "web-1")}),
               Table({{"web-1", Meta("web-1", {Ref("apps/v1", "Deployment", "web")})},
                      {"web", deployment}}));

  REQUIRE(owner);
  CHECK(owner->key == model::WorkloadKey{"shop", "Deployment", "web"});
  CHECK(owner->identity.uid == "uid-web");
  CHECK(kube::Find(owner->identity.labels, "plimsoll.dev/mode") == "off");
}

TEST_CASE("TopOwner: a kind nobody has heard of is the workload, by its reference alone") {
  const auto owner = TopOwner(
      Meta("canary-1-x", {Ref("apps/v1", "ReplicaSet", "canary-1")}),
      Table({{"canary-1", Meta("canary-1", {Ref("argoproj.io/v1alpha1", "Rollout", "canary")})}}));

  REQUIRE(owner);
  CHECK(owner->key == model::WorkloadKey{"shop", "Rollout", "canary"});
  CHECK(owner->identity.api_version == "argoproj.io/v1alpha1");
}

TEST_CASE("TopOwner: labels of an owner that cannot be read are those of its pod") {
  kube::ObjectMeta pod = Meta("canary-1-x", {Ref("argoproj.io/v1alpha1", "Rollout", "canary")});
  pod.labels = {kube::KeyValue{"plimsoll.dev/mode", "off"}};

  CHECK(kube::Find(TopOwner(pod, Table({}))->identity.labels, "plimsoll.dev/mode") == "off");

  kube::ObjectMeta rollout = Meta("canary", {});
  rollout.labels = {kube::KeyValue{"plimsoll.dev/mode", "auto-patch"}};
  CHECK(kube::Find(TopOwner(pod, Table({{"canary", rollout}}))->identity.labels,
                   "plimsoll.dev/mode") == "auto-patch");
}

TEST_CASE("TopOwner: a bare pod and a node's static pod are their own workloads") {
  CHECK(TopOwner(Meta("debug", {}), Table({}))->key == model::WorkloadKey{"shop", "Pod", "debug"});
  CHECK(TopOwner(Meta("etcd-n1", {Ref("v1", "Node", "n1")}), Table({}))->key ==
        model::WorkloadKey{"shop", "Pod", "etcd-n1"});
}

TEST_CASE("TopOwner: an owner that does not control is no owner") {
  kube::OwnerReference loose = Ref("v1", "ConfigMap", "bystander");
  loose.controller = false;
  CHECK(TopOwner(Meta("debug", {loose}), Table({}))->key.kind == "Pod");
}

TEST_CASE("TopOwner: a failed look-up is an error, never another owner") {
  const auto owner =
      TopOwner(Meta("web-1-x", {Ref("apps/v1", "ReplicaSet", "web-1")}),
               [](const auto&, const auto&) -> Result<std::optional<kube::ObjectMeta>> {
                 return Fail(ErrorCode::kRetryable, "the API server is away");
               });
  REQUIRE_FALSE(owner);
  CHECK(owner.error().code() == ErrorCode::kRetryable);
}

TEST_CASE("TopOwner: a loop of owners ends") {
  const auto owner = TopOwner(Meta("p", {Ref("x/v1", "A", "a")}),
                              Table({{"a", Meta("a", {Ref("x/v1", "A", "a")})}}));
  REQUIRE_FALSE(owner);
  CHECK(owner.error().message().find("loop") != std::string::npos);
}

}  // namespace
}  // namespace plimsoll::discovery
