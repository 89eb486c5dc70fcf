// SPDX-License-Identifier: Apache-2.0
//
// When the fleet may be taken for the cluster. Whose pods are whose is in top_owner_test.cc.
#include "operator/controllers/discovery/discovery.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "k8s/core.pb.h"
#include "tests/operator/controllers/parts.h"
#include "tests/support/eventually.h"
#include "tests/support/fake_api_server.h"

namespace plimsoll::testing {
namespace {

constexpr const char* kOwnerPath = "/apis/apps/v1/namespaces/shop/deployments/web";

std::string PodOfWeb(const std::string& name = "a", const char* phase = "Running") {
  k8s::Pod pod;
  k8s::ObjectMeta& meta = *pod.mutable_metadata();
  meta.set_name(name);
  meta.set_namespace_("shop");
  meta.set_uid("uid-" + name);
  k8s::OwnerReference& owner = *meta.add_owner_references();
  owner.set_api_version("apps/v1");
  owner.set_kind("Deployment");
  owner.set_name("web");
  owner.set_uid("web-uid");
  owner.set_controller(true);
  pod.mutable_spec()->add_containers()->set_name("app");
  pod.mutable_status()->set_phase(phase);
  return pod.SerializeAsString();
}

std::string EvictedPodOfWeb(const std::string& name) {
  k8s::Pod pod;
  REQUIRE(pod.ParseFromString(PodOfWeb(name, "Failed")));
  k8s::PodStatus& status = *pod.mutable_status();
  status.set_reason("Evicted");
  k8s::PodCondition& why = *status.add_conditions();
  why.set_type("DisruptionTarget");
  why.set_status("True");
  why.set_reason("TerminationByKubelet");
  why.set_message(
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 90Mi. "
      "Container app was using 90Mi, request is 64Mi, has larger consumption of memory. ");
  why.mutable_last_transition_time()->set_seconds(1'700'000'000);
  return pod.SerializeAsString();
}

// A pod whose Deployment is in no list yet: its owner is asked for, and the answer waits.
class Slow {
 public:
  Slow() {
    server.SetEmptyCollections(
        {"replicasets", "deployments", "statefulsets", "daemonsets", "jobs", "cronjobs"});
    server.on_other = [this](const HttpRequest& request, HttpResponder& out) {
      if (!request.path.starts_with(kOwnerPath)) return false;
      asked = true;
      answer_.wait();
      out.Send(200, "application/json",
               R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":)"
               R"({"name":"web","namespace":"shop","uid":"web-uid"}})");
      return true;
    };
    server.PutWhole("a", PodOfWeb());
    discovery.Start();
    worker_ = std::jthread(
        [this](std::stop_token stop) { discovery.Run(stop, heartbeats_.Start("discovery")); });
  }
  ~Slow() {
    worker_.request_stop();
    worker_.join();
    discovery.Stop();
  }
  void Answer() { answered_.set_value(); }

  FakeApiServer server{FakeApiServer::Format::kProtobufPods};
  fleet::Fleet fleet;
  std::atomic<bool> asked{false};

 private:
  std::shared_ptr<ManualClock> clock_ = std::make_shared<ManualClock>();
  std::unique_ptr<kube::Client> reader_ = MakeClient(server.url(), clock_);
  Log log_;
  controllers::Heartbeats heartbeats_{*clock_};
  std::promise<void> answered_;
  std::shared_future<void> answer_ = answered_.get_future().share();

 public:
  discovery::Discovery discovery{*reader_, fleet, log_};

 private:
  std::jthread worker_;
};

}  // namespace

TEST_CASE("Discovery: has synced when every pod of the first list is in the fleet, not before") {
  Slow slow;
  REQUIRE(Eventually([&] { return slow.asked.load(); }));
  // The lists are complete by now or soon; what is asked for is not.
  for (int i = 0; i < 20; ++i) {
    CHECK_FALSE(slow.discovery.HasSynced());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  slow.Answer();
  REQUIRE(Eventually([&] { return slow.discovery.HasSynced(); }));
  CHECK(slow.fleet.WorkloadOf("uid-a") == model::WorkloadKey{"shop", "Deployment", "web"});
}

TEST_CASE("Discovery: a pod that ends while its owner is asked for does not stay as running") {
  Slow slow;
  REQUIRE(Eventually([&] { return slow.asked.load(); }));
  slow.server.PutWhole("a", PodOfWeb("a", "Succeeded"));
  slow.server.PutWhole("b", PodOfWeb("b"));  // events come in order: with it the end was seen
  REQUIRE(Eventually([&] { return slow.discovery.queue().size() == 1; }));
  slow.Answer();
  REQUIRE(Eventually([&] { return slow.discovery.HasSynced(); }));
  REQUIRE(Eventually([&] { return slow.fleet.WorkloadOf("uid-b").has_value(); }));
  const auto workload = slow.fleet.Snapshot({"shop", "Deployment", "web"});
  REQUIRE(workload);
  CHECK(workload->pods.size() == 1);
}

TEST_CASE("Discovery: who was evicted before anybody looked is counted for its workload") {
  Slow slow;
  slow.server.PutWhole("b", EvictedPodOfWeb("b"));
  slow.Answer();
  REQUIRE(Eventually([&] { return slow.fleet.WorkloadOf("uid-a").has_value(); }));
  REQUIRE(Eventually([&] { return slow.discovery.HasSynced(); }));
  const TimePoint now{std::chrono::hours(500000)};
  REQUIRE(Eventually([&] {
    (void)slow.fleet.TakeStatusKills(now);
    return slow.fleet.TakeStatusKills(now + fleet::StatusKills::kGrace) == 1;
  }));
  const auto workload = slow.fleet.Snapshot({"shop", "Deployment", "web"});
  CHECK(workload->kills.at("app").last->kind == model::OomKind::kEvicted);
}

}  // namespace plimsoll::testing
