// SPDX-License-Identifier: Apache-2.0
//
// Who else steers a workload, as the API server tells it.
#include "operator/sources/cluster/cluster_limits.h"

#include <nlohmann/json.hpp>

#include "tests/operator/controllers/parts.h"
#include "tests/operator/fleet/pods.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_api_server.h"

namespace plimsoll::testing {
namespace {

using namespace std::chrono_literals;
using namespace plimsoll::literals;
using Json = nlohmann::json;

// One whose VerticalPodAutoscalers a test writes, and of whose other kinds there are none.
class Cluster {
 public:
  Cluster() {
    server.SetEmptyCollections(
        {"nodes", "limitranges", "resourcequotas", "horizontalpodautoscalers"});
  }
  void Start() {
    limits.Start();
    REQUIRE(Eventually([this] { return limits.SyncProblem().empty(); }));
  }
  void Put(const std::string& name, const Json& container_policies, const Json& target) {
    const Json spec{{"targetRef", target},
                    {"resourcePolicy", {{"containerPolicies", container_policies}}}};
    server.PutWhole(
        name, Json{{"metadata", {{"name", name}, {"namespace", "shop"}}}, {"spec", spec}}.dump());
  }

  const std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  FakeApiServer server{FakeApiServer::Format::kJson, {}, "verticalpodautoscalers"};

 private:
  std::unique_ptr<kube::Client> client_ = MakeClient(server.url(), clock);
  Log log_;

 public:
  cluster::ClusterLimits limits{*client_, log_};
};

const Json kWebTarget{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}};
const Json kEvery = Json::array();

fleet::Workload AWorkload(const model::WorkloadKey& key, const kube::Pod& pod) {
  fleet::Workload workload;
  workload.key = key;
  workload.pods["uid"] = {.pod = fleet::Shared(pod), .instances = {}};
  return workload;
}

TEST_CASE("ClusterLimits: a VerticalPodAutoscaler is found by its target") {
  Cluster cluster;
  cluster.Put("of-web", kEvery, kWebTarget);
  cluster.Start();
  const auto of = [&](const model::WorkloadKey& key) {
    return cluster.limits.VerticalAutoscalerOf(AWorkload(key, fleet::APod("a", 64_MiB, 128_MiB)));
  };
  CHECK(of(fleet::kShopWeb) == "of-web");
  CHECK(of({"shop", "StatefulSet", "web"}).empty());
  CHECK(of({"shop", "Deployment", "cart"}).empty());
  CHECK(of({"bank", "Deployment", "web"}).empty());

  cluster.Put("and-another", kEvery, kWebTarget);
  CHECK(Eventually([&] { return of(fleet::kShopWeb) == "and-another"; }));
}

TEST_CASE("ClusterLimits: what a custom resource owns is a target, too") {
  Cluster cluster;
  cluster.Put("of-web", kEvery, kWebTarget);
  cluster.Put("of-db", kEvery,
              {{"apiVersion", "apps/v1"}, {"kind", "StatefulSet"}, {"name", "db-server"}});
  cluster.Start();
  const model::WorkloadKey custom{"shop", "Cluster", "it"};
  const auto of = [&](const char* kind, const char* owner) {
    kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
    pod.meta.owners = {{"apps/v1", kind, owner, "uid", true}};
    pod.meta.labels = {{"pod-template-hash", "7d4b9"}};
    return cluster.limits.VerticalAutoscalerOf(AWorkload(custom, pod));
  };
  CHECK(of("StatefulSet", "db-server") == "of-db");
  CHECK(of("ReplicaSet", "web-7d4b9") == "of-web");
  CHECK(of("ReplicaSet", "web-api-7d4b9").empty());
  CHECK(of("StatefulSet", "web-7d4b9").empty());
  CHECK(of("StatefulSet", "db").empty());
}

TEST_CASE("ClusterLimits: one container whose memory it sets makes it count") {
  kube::Pod pod = fleet::APod("a", 64_MiB, 128_MiB);
  fleet::AddContainer(pod, "proxy", [](auto&) {});
  fleet::AddInit(pod, "setup");
  const fleet::Workload workload = AWorkload(fleet::kShopWeb, pod);
  const Json no_app{{"containerName", "app"}, {"controlledResources", Json::array({"cpu"})}};
  const Json no_proxy{{"containerName", "proxy"}, {"mode", "Off"}};
  const Json proxy{{"containerName", "proxy"}, {"controlledResources", Json::array({"memory"})}};
  const Json none{{"containerName", "*"}, {"controlledResources", Json::array({"cpu"})}};
  const auto counts = [&](const Json& policies) {
    Cluster cluster;
    cluster.Put("vpa", policies, kWebTarget);
    cluster.Start();
    return !cluster.limits.VerticalAutoscalerOf(workload).empty();
  };
  CHECK(counts(Json::array({no_app})));
  CHECK(counts(Json::array({none, proxy})));
  CHECK_FALSE(counts(Json::array({none})));
  // Of "setup" it is said nothing: it runs before what is patched.
  CHECK_FALSE(counts(Json::array({no_app, no_proxy})));
}

TEST_CASE("ClusterLimits: complete without VerticalPodAutoscalers as a kind, found once they are") {
  Cluster cluster;
  cluster.server.SetInstalled(false);
  cluster.Put("of-web", kEvery, kWebTarget);
  cluster.Start();
  const fleet::Workload workload = AWorkload(fleet::kShopWeb, fleet::APod("a", 64_MiB, 128_MiB));
  CHECK(cluster.limits.VerticalAutoscalerOf(workload).empty());

  cluster.server.SetInstalled(true);
  CHECK(Eventually([&] {
    cluster.clock->Advance(10s);
    return cluster.limits.VerticalAutoscalerOf(workload) == "of-web";
  }));
}

}  // namespace
}  // namespace plimsoll::testing
