// SPDX-License-Identifier: Apache-2.0
//
// The client against a real etcd and kube-apiserver.
#include <doctest/doctest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <mutex>
#include <set>

#include "operator/kube/applier.h"
#include "operator/kube/event_recorder.h"
#include "operator/kube/informer.h"
#include "operator/kube/leader_elector.h"
#include "operator/kube/server_version.h"
#include "tests/cluster/control_plane.h"
#include "tests/support/eventually.h"

extern char** environ;  // NOLINT: POSIX

namespace plimsoll::testing {
namespace {

using namespace kube;
using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Resource kThings{"kube.test", "v1", "things", "Thing", true};

struct Thing {
  ObjectMeta meta;
  std::int64_t size = 0;
};

Result<Thing> ThingFromJson(const Json& object) {
  Result<ObjectMeta> meta = MetaFromJson(object);
  if (!meta) return std::unexpected(meta.error());
  return Thing{std::move(*meta), object["spec"].value("size", std::int64_t{0})};
}

// What the server has, by a JSON LIST: name → resource version.
std::map<std::string, std::string> VersionsOf(Client& client, const std::string& ns) {
  std::map<std::string, std::string> versions;
  const auto list = client.List(kPods, {.ns = ns});
  REQUIRE_MESSAGE(list, list.error().message());
  for (const Json& pod : (*list)["items"]) {
    versions[pod["metadata"]["name"]] = pod["metadata"]["resourceVersion"];
  }
  return versions;
}

std::map<std::string, std::string> VersionsOf(const Informer<Pod>& informer) {
  std::map<std::string, std::string> versions;
  for (const auto& pod : informer.List()) {
    versions[pod->meta.name.str()] = pod->meta.resource_version.str();
  }
  return versions;
}

// Collects an informer's errors, as a log would.
class Errors {
 public:
  std::function<void(const Error&)> Handler() {
    return [this](const Error& error) {
      const std::lock_guard lock(mutex_);
      text_ += error.message() + "\n";
    };
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

TEST_CASE(
    "Client on a real API server: 1000 pods by protobuf equal the JSON list, then follow it") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "pods");
  const auto client = cluster.MakeClient();
  Informer<Pod> informer(*client, PodCodec(), {.ns = ns.name()});
  informer.Start();
  REQUIRE(informer.WaitForSync(seconds(60)));
  CHECK(informer.size() == 0);

  for (int i = 0; i < 1000; ++i) ns.CreatePod("pod-" + std::to_string(i));
  REQUIRE(Eventually([&] { return informer.size() == 1000; }));
  CHECK(VersionsOf(informer) == VersionsOf(*client, ns.name()));

  const auto pod = informer.Get({ns.name(), "pod-7"});
  REQUIRE(pod);
  REQUIRE(pod->containers.size() == 1);
  CHECK(pod->containers[0].resources.requests.memory == Bytes(64 << 20));
  CHECK(pod->containers[0].resources.limits.memory == Bytes(128 << 20));
  CHECK(pod->qos == QosClass::kBurstable);
  CHECK(pod->phase == PodPhase::kPending);
  CHECK(Find(pod->meta.labels, "app") == "probe");

  // A second informer starts on the full collection, once streamed and once in pages.
  for (const InitialList list : {InitialList::kStream, InitialList::kPages}) {
    Informer<Pod> other(*client, PodCodec(),
                        {.ns = ns.name(), .reflector = {.initial_list = list}});
    other.Start();
    REQUIRE(other.WaitForSync(seconds(60)));
    CHECK(VersionsOf(other) == VersionsOf(informer));
  }

  REQUIRE(client->Delete(kPods, {ns.name(), "pod-7"}));
  CHECK(Eventually([&] { return !informer.Get({ns.name(), "pod-7"}); }));
}

TEST_CASE("Client on a real API server: metadata of any kind comes as protobuf") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "meta");
  const auto client = cluster.MakeClient();
  REQUIRE(client->Create(kConfigMaps, ns.name(),
                         {{"apiVersion", "v1"},
                          {"kind", "ConfigMap"},
                          {"metadata", {{"name", "one"}, {"annotations", {{"a", "b"}}}}}}));
  Informer<PartialObject> informer(*client, MetadataCodec(kConfigMaps), {.ns = ns.name()});
  informer.Start();
  REQUIRE(informer.WaitForSync(seconds(60)));

  const auto object = informer.Get({ns.name(), "one"});
  REQUIRE(object);
  CHECK(Find(object->meta.annotations, "a") == "b");
  CHECK(object->meta.uid.size() == 36);
  REQUIRE(client->Delete(kConfigMaps, {ns.name(), "one"}));
  CHECK(Eventually([&] { return informer.size() == 0; }));
}

TEST_CASE("Client on a real API server: version and subresources are told") {
  const ControlPlane cluster;
  const auto client = cluster.MakeClient();
  const auto version = GetServerVersion(*client);
  REQUIRE(version);
  CHECK(version->AtLeast(1, 33));
  CHECK(Serves(*client, kPods, "resize") == true);
  CHECK(Serves(*client, kPods, "no-such-thing") == false);
  CHECK(Serves(*client, kThings) == false);
}

TEST_CASE("Client on a real API server: the memory limit of a pod is patched through /resize") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "resize");
  const auto client = cluster.MakeClient();
  const ObjectKey node{"", ns.name()};  // a node of the test's own: resize asks what it can do
  REQUIRE(client->Create(
      kNodes, "",
      {{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", node.name.str()}}}}));
  const Json room{{"status", {{"allocatable", {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "10"}}}}}};
  REQUIRE(client->Patch(kNodes, node, PatchType::kMerge, room, {.subresource = "status"}));
  ns.CreatePod("app", node.name.str());
  const Json patch{
      {"spec",
       {{"containers", {{{"name", "app"}, {"resources", {{"limits", {{"memory", "256Mi"}}}}}}}}}}};

  const auto dry = client->Patch(kPods, {ns.name(), "app"}, PatchType::kStrategic, patch,
                                 {.subresource = "resize", .dry_run = true});
  REQUIRE_MESSAGE(dry, dry.error().message());
  const auto before = client->Get(kPods, {ns.name(), "app"});
  REQUIRE(before);
  CHECK((*before)["spec"]["containers"][0]["resources"]["limits"]["memory"] == "128Mi");

  const auto done = client->Patch(kPods, {ns.name(), "app"}, PatchType::kStrategic, patch,
                                  {.subresource = "resize"});
  REQUIRE_MESSAGE(done, done.error().message());
  CHECK((*done)["spec"]["containers"][0]["resources"]["limits"]["memory"] == "256Mi");

  const auto invalid =
      client->Patch(kPods, {ns.name(), "app"}, PatchType::kMerge,
                    Json{{"spec", {{"containers", "nonsense"}}}}, {.subresource = "resize"});
  REQUIRE_FALSE(invalid);
  CHECK(invalid.error().code() == ErrorCode::kInvalid);
  CHECK(client->Delete(kNodes, node));
}

TEST_CASE("Client on a real API server: a refusal by RBAC says who may not do what") {
  const ControlPlane cluster;
  ClusterConfig config = cluster.Config();
  config.impersonate.user = "somebody";
  const auto client = Client::Create(config);
  REQUIRE(client);

  const auto refused = (*client)->List(kPods);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::kForbidden);
  CHECK(refused.error().message().find("User \"somebody\" cannot list resource \"pods\"") !=
        std::string::npos);
}

void InstallThings(Client& client) {
  const Json schema{
      {"type", "object"},
      {"properties",
       {{"spec", {{"type", "object"}, {"properties", {{"size", {{"type", "integer"}}}}}}}}}};
  const Json crd{{"apiVersion", "apiextensions.k8s.io/v1"},
                 {"kind", "CustomResourceDefinition"},
                 {"metadata", {{"name", "things.kube.test"}}},
                 {"spec",
                  {{"group", "kube.test"},
                   {"scope", "Namespaced"},
                   {"names", {{"plural", "things"}, {"singular", "thing"}, {"kind", "Thing"}}},
                   {"versions",
                    {{{"name", "v1"},
                      {"served", true},
                      {"storage", true},
                      {"schema", {{"openAPIV3Schema", schema}}}}}}}}};
  const auto made = client.Patch(kCustomResourceDefinitions, {"", "things.kube.test"},
                                 PatchType::kApply, crd, {.field_manager = "test", .force = true});
  REQUIRE_MESSAGE(made, made.error().message());
  REQUIRE(Eventually([&] { return Serves(client, kThings) == true; }));
}

Json MakeThing(const std::string& name, int size) {
  return {{"apiVersion", "kube.test/v1"},
          {"kind", "Thing"},
          {"metadata", {{"name", name}}},
          {"spec", {{"size", size}}}};
}

TEST_CASE(
    "Applier on a real API server: a custom resource is applied once per change, and watched") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "apply");
  const auto client = cluster.MakeClient();
  InstallThings(*client);
  Informer<Thing> informer(*client, JsonCodec<Thing>(kThings, ThingFromJson), {.ns = ns.name()});
  informer.Start();
  REQUIRE(informer.WaitForSync(seconds(60)));
  Applier applier(*client, "plimsoll-test");
  const ObjectKey key{ns.name(), "one"};

  REQUIRE(applier.Apply(kThings, key, MakeThing("one", 1)) == true);
  CHECK(applier.Apply(kThings, key, MakeThing("one", 1)) == false);
  REQUIRE(Eventually([&] { return informer.Get(key) != nullptr; }));
  CHECK(applier.Apply(kThings, key, MakeThing("one", 2)) == true);
  CHECK(Eventually([&] { return informer.Get(key) && informer.Get(key)->size == 2; }));

  const auto conflict = client->Patch(kThings, key, PatchType::kApply, MakeThing("one", 3),
                                      {.field_manager = "somebody-else"});
  REQUIRE_FALSE(conflict);
  CHECK(conflict.error().code() == ErrorCode::kConflict);
  CHECK(conflict.error().message().find("plimsoll-test") != std::string::npos);

  REQUIRE(client->Delete(kThings, key));
  CHECK(Eventually([&] { return informer.size() == 0; }));
}

TEST_CASE(
    "EventRecorder on a real API server: repeats become one event, counted, with the newest note") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "events");
  ns.CreatePod("app");
  const auto client = cluster.MakeClient();
  // The last count is sent as the recorder ends, within a second, which a busy server may need more
  // than once.
  bool counted = false;
  for (int tries = 1; tries <= 5 && !counted; ++tries) {
    const std::string pod = "web-" + std::to_string(tries) + ": ";
    {
      EventRecorder recorder(*client, {.controller = "kube.test/recorder", .instance = "one"});
      Event event{.regarding = {.api_version = "v1", .kind = "Pod", .ns = ns.name(), .name = "app"},
                  .type = EventType::kWarning,
                  .reason = "LimitRaised",
                  .action = "Resize"};
      for (int i = 1; i <= 5; ++i) {
        event.note = pod + std::to_string(64 * i) + "Mi";
        recorder.Record(event);
      }
      REQUIRE(Eventually([&] { return recorder.counters().merged == 4; }));
    }
    const auto events = client->List(kEvents, {.ns = ns.name()});
    REQUIRE(events);
    REQUIRE((*events)["items"].size() == static_cast<std::size_t>(tries));
    for (const Json& event : (*events)["items"]) {
      CHECK(event["reason"] == "LimitRaised");
      counted |= event["note"] == pod + "320Mi" && event["series"]["count"] == 5;
    }
  }
  CHECK(counted);
}

// One running candidate; killed at the latest when the test ends.
class Candidate {
 public:
  Candidate(const ControlPlane& cluster, const std::string& ns, const std::string& identity) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    std::string program = PLIMSOLL_LEASE_CANDIDATE;
    std::string config = cluster.kubeconfig();
    std::string lease = "leader";
    std::string ns_text = ns;
    std::string identity_text = identity;
    std::array<char*, 6> args{program.data(), config.data(),        ns_text.data(),
                              lease.data(),   identity_text.data(), nullptr};
    REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, args.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
    reader_ = std::jthread([this] {
      char c = 0;
      if (read(output_, &c, 1) == 1) leading_ = true;
    });
  }
  ~Candidate() { Kill(); }
  Candidate(const Candidate&) = delete;
  Candidate& operator=(const Candidate&) = delete;
  void Kill() {
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
    reader_.join();
    close(output_);
  }
  [[nodiscard]] bool leading() const { return leading_; }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
  std::atomic<bool> leading_ = false;
  std::jthread reader_;
};

TEST_CASE(
    "LeaderElector on a real API server: one of two processes leads, the other after its death") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "lease");
  Candidate first(cluster, ns.name(), "first");
  REQUIRE(Eventually([&] { return first.leading(); }));
  Candidate second(cluster, ns.name(), "second");
  std::this_thread::sleep_for(seconds(14));  // longer than the lease: it is renewed, not just held
  CHECK_FALSE(second.leading());

  first.Kill();
  CHECK(Eventually([&] { return second.leading(); }));
}

TEST_CASE("Reflector on a real API server: a stopped server is found by silence, and comes back") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "silent");
  const auto client = cluster.MakeClient();
  Errors errors;
  Informer<Pod> informer(
      *client, PodCodec(),
      {.ns = ns.name(),
       .reflector = {.idle_timeout = seconds(2), .backoff_initial = milliseconds(100)},
       .on_error = errors.Handler()});
  informer.Start();
  REQUIRE(informer.WaitForSync(seconds(60)));

  cluster.Signal("kube-apiserver", SIGSTOP);
  const bool noticed =
      Eventually([&] { return errors.text().find("fell silent") != std::string::npos; });
  cluster.Signal("kube-apiserver", SIGCONT);
  CHECK(noticed);

  ns.CreatePod("after");
  CHECK(Eventually([&] { return informer.Get({ns.name(), "after"}) != nullptr; }));
}

TEST_CASE(
    "Reflector on a real API server: after a kill, compaction and restart the 410 costs nothing") {
  const ControlPlane cluster;
  TestNamespace ns(cluster, "killed");
  for (int i = 0; i < 5; ++i) ns.CreatePod("pod-" + std::to_string(i));
  const auto client = cluster.MakeClient();
  const auto other = cluster.MakeClient();
  Errors errors;
  std::set<std::string> deleted;
  std::mutex mutex;
  // The first retry comes after eight seconds: meanwhile the server is back and a pod is gone.
  Informer<Pod> informer(*client, PodCodec(),
                         {.ns = ns.name(),
                          .reflector = {.backoff_initial = seconds(8), .jitter_seed = 1},
                          .on_error = errors.Handler()});
  informer.AddHandler({.on_change = [&](const auto& old, const auto& now, bool) {
    const std::lock_guard lock(mutex);
    if (!now) deleted.insert(old->meta.name.str());
  }});
  informer.Start();
  REQUIRE(informer.WaitForSync(seconds(60)));

  cluster.Signal("kube-apiserver", SIGKILL);
  cluster.CompactHistory();
  cluster.Restart();
  REQUIRE(Eventually([&] { return other->Delete(kPods, {ns.name(), "pod-3"}).has_value(); }));
  REQUIRE(other->Create(kPods, ns.name(), MakePod("pod-9", "")));
  cluster.CompactHistory();

  CHECK(Eventually([&] { return VersionsOf(informer) == VersionsOf(*other, ns.name()); },
                   seconds(180)));
  REQUIRE(Eventually([&] { return informer.counters().lists >= 2; }));
  CHECK(informer.counters().lists == 2);
  CHECK_MESSAGE(errors.text().find("too old resource version") != std::string::npos, errors.text());
  const std::lock_guard lock(mutex);
  CHECK(deleted == std::set<std::string>{"pod-3"});
}

TEST_CASE("Reflector on a real API server: without the WatchList feature it lists and watches") {
  const ControlPlane cluster;
  cluster.Signal("kube-apiserver", SIGKILL);
  cluster.Restart("--feature-gates=WatchList=false");
  {
    TestNamespace ns(cluster, "pages");
    for (int i = 0; i < 5; ++i) ns.CreatePod("pod-" + std::to_string(i));
    std::mutex mutex;
    std::vector<int> statuses;
    const auto client =
        cluster.MakeClient({.observer = [&](std::string_view, int status, Duration) {
          const std::lock_guard lock(mutex);
          statuses.push_back(status);
        }});
    Informer<Pod> informer(*client, PodCodec(), {.ns = ns.name()});
    informer.Start();
    REQUIRE(informer.WaitForSync(seconds(60)));
    // A list from the server's cache may be a moment behind; the watch brings the rest.
    CHECK(Eventually([&] { return informer.size() == 5; }));
    {
      const std::lock_guard lock(mutex);
      CHECK(statuses == std::vector<int>{422, 200});  // the stream refused, the list answered
    }
    ns.CreatePod("later");
    CHECK(Eventually([&] { return informer.size() == 6; }));
  }
  cluster.Signal("kube-apiserver", SIGKILL);
  cluster.Restart();
}

}  // namespace
}  // namespace plimsoll::testing
